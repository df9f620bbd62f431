import SAMT
import SAMTTestSupport
import Testing

@Suite struct DropoutTests {
  private func model(_ probability: Float, seed: UInt64 = 1) throws -> Model {
    try Model(input: [1000], seed: seed) { Dropout(probability) }
  }

  private let ones = Tensor([Float](repeating: 1, count: 20_000), shape: [20, 1000])

  private func output(_ executor: ModelExecutor) -> [Float] {
    executor.invalidate(from: 0)
    return executor.output().elements
  }

  @Test(arguments: [Float(0.1), 0.25, 0.5, 0.9]) func theExpectationIsPreserved(_ probability: Float) throws {
    let executor = ModelExecutor(for: try model(probability), batchSize: 20)
    executor.load(ones)
    let output = output(executor)
    let kept = 1 / (1 - probability)
    #expect(output.allSatisfy { $0 == 0 || $0 == kept })
    // Five standard deviations of a binomial share.
    let share = Double(output.count { $0 == 0 }) / 20_000, p = Double(probability)
    #expect(abs(share - p) <= 5 * (p * (1 - p) / 20_000).squareRoot())
    let mean = output.reduce(0.0) { $0 + Double($1) } / 20_000
    #expect(abs(mean - 1) <= 5 * (p / (1 - p) / 20_000).squareRoot())
  }

  @Test func oneMaskServesABatchAndTheNextGetsAnother() throws {
    let executor = ModelExecutor(for: try model(0.5), batchSize: 20)
    executor.load(ones)
    let first = output(executor)
    #expect(output(executor) == first)
    executor.load(ones)
    let second = output(executor)
    #expect(second != first)
    // Independent masks agree in half of their entries: five standard deviations.
    let agreeing = Double(zip(first, second).count { $0 == $1 })
    #expect(first.count == second.count)
    #expect(abs(agreeing - 10_000) <= 5 * 5000.0.squareRoot())
  }

  @Test func inferenceIsTheIdentity() throws {
    let executor = ModelExecutor(for: try model(0.5), batchSize: 20, mode: .inference)
    executor.load(ones)
    #expect(output(executor) == ones.elements)
  }

  @Test func probabilityZeroIsTheIdentity() throws {
    let executor = ModelExecutor(for: try model(0), batchSize: 20)
    executor.load(ones)
    #expect(output(executor) == ones.elements)
  }

  @Test func masksComeFromTheModelsSeed() throws {
    func first(_ seed: UInt64) throws -> [Float] {
      let executor = ModelExecutor(for: try model(0.5, seed: seed), batchSize: 20)
      executor.load(ones)
      return output(executor)
    }
    #expect(try first(1) == first(1))
    #expect(try first(1) != first(2))
  }

  @Test func layersOfOneModelDropDifferently() throws {
    let model = try Model(input: [1000], seed: 1) {
      Dropout(0.5)
      Dropout(0.5)
    }
    let executor = ModelExecutor(for: model, batchSize: 20)
    executor.load(ones)
    // Independent masks keep a quarter, times four; equal ones would keep a half.
    let share = Double(output(executor).count { $0 == 4 }) / 20_000
    #expect(abs(share - 0.25) <= 5 * (0.1875 / 20_000).squareRoot())
  }
}
