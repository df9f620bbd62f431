import Testing

@testable import SAMT

@Suite struct NumberTextTests {
  @Test(arguments: [
    (0.0, "0"), (12.0, "12"), (0.98765432, "0.98765"), (1234567.0, "1234567"), (1.5e-7, "1.5e-07"), (.nan, "NaN"),
    (.infinity, "∞"), (-.infinity, "-∞"), (1e20, "1e+20"),
  ])
  func values(_ value: Double, _ text: String) { #expect(NumberText.value(value) == text) }

  @Test(arguments: [
    (0.0, "0.0000"), (0.98765, "0.9877"), (2.5e-5, "2.5e-05"), (123456.5, "1.2346e+05"), (.nan, "NaN"),
  ])
  func fixedDecimals(_ value: Double, _ text: String) { #expect(NumberText.fixed(value) == text) }

  @Test(arguments: [
    (0.5, 0.1, "0.5"), (0.25, 0.25, "0.25"), (3.0, 1.0, "3"), (2.5, 2.5, "2.5"), (1500.0, 500.0, "1.5k"),
    (2000.0, 1000.0, "2k"), (2_000_000.0, 1_000_000.0, "2M"), (0.0, 1000.0, "0"), (-0.0, 0.1, "0.0"),
    (18_200.0, 200.0, "18.2k"), (1e12, 1e12, "1e12"), (2e-7, 1e-7, "2e-7"),
  ])
  func ticks(_ value: Double, _ step: Double, _ text: String) {
    #expect(NumberText.tick(value, step: step) == text)
  }

  @Test(arguments: [
    (1, 0, "1"), (5, -2, "0.05"), (1, -3, "0.001"), (1, -4, "10⁻⁴"), (3, -12, "3·10⁻¹²"), (2, 3, "2k"), (1, 7, "10⁷"),
  ])
  func logarithmicTicks(_ factor: Int, _ exponent: Int, _ text: String) {
    #expect(NumberText.logarithmicTick(factor, exponent: exponent) == text)
  }

  @Test(arguments: [
    (0.5, "0.50 s"), (12.34, "12.3 s"), (59.97, "1 min 00 s"), (92.0, "1 min 32 s"), (3599.6, "1 h 00 min"),
    (7260.0, "2 h 01 min"), (.infinity, "∞ s"),
  ])
  func durations(_ seconds: Double, _ text: String) { #expect(NumberText.duration(seconds) == text) }

  @Test(arguments: [(0.0, "0"), (999.0, "999"), (1000.0, "1\u{202F}000"), (-1234567.0, "-1\u{202F}234\u{202F}567")])
  func counts(_ value: Double, _ text: String) { #expect(NumberText.count(value) == text) }

  @Test(arguments: [
    ("stepSize", "step size"), ("accuracy", "accuracy"), ("RMSE", "RMSE"), ("R2", "R2"),
    ("top5Accuracy", "top5 accuracy"),
    ("rootMeanSquaredError", "root mean squared error"), ("", ""),
  ])
  func namesInWords(_ name: String, _ words: String) { #expect(name.inWords == words) }
}
