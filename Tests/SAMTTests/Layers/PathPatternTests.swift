import SAMT
import Testing

/// Patterns of layer paths.
@Suite struct PathPatternTests {
  @Test(arguments: [
    ("fc1", "fc1", true), ("fc1", "fc1.weight", true), ("fc1", "fc10.weight", false), ("fc1", "a.fc1", false),
    ("layer1.0", "layer1.0.conv1.weight", true), ("layer1.0", "layer1.01", false), ("fc1.", "fc1.weight", false),
    ("*", "a", true), ("*", "a.b.c", true), ("*.bias", "fc1.bias", true), ("*.bias", "bias", false),
    ("*bias", "bias", true), ("*.bias", "a.bias.b", true), ("*.bias", "a.biases", false),
    ("layer*.conv1", "layer1.0.conv1.weight", true), ("layer*.conv1", "layer1.conv2", false),
    ("*a*a", "aa", true), ("*a*a", "a", false), ("**", "a", true), ("a*b*c", "abbcbc", true),
    ("a*b*c", "abbcb", false), ("", "a", false), ("", ".a", false), ("*", "", false), ("é*", "é.weight", true),
  ])
  func matches(pattern: String, path: String, isMatch: Bool) {
    #expect(PathPattern(pattern).matches(path) == isMatch)
    #expect("\(PathPattern(pattern))" == pattern)
  }
}
