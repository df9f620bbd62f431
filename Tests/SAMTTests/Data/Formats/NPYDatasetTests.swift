import Testing

@testable import SAMT

/// Arrays of NumPy as examples.
@Suite struct NPYDatasetTests {
  private let folder: DataFolder

  init() throws { folder = try DataFolder() }

  /// Writes an array of unsigned bytes, which count from 0.
  private func writeBytes(_ shape: [Int], _ name: String) throws -> String {
    let lengths = shape.map { "\($0)," }.joined()
    let text = "{'descr': '|u1', 'fortran_order': False, 'shape': (\(lengths))}"
    let header = NPYHeader.magic + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8)
    return try folder.write(header + (0..<shape.reduce(1, *)).map { UInt8($0) }, name)
  }

  private func write(_ values: [Float], _ shape: Shape, _ name: String) throws -> String {
    try NPYFile.write(Tensor(values, shape: shape), to: "\(folder.path)/\(name)")
    return "\(folder.path)/\(name)"
  }

  private func write(_ integers: [Int64], _ name: String) throws -> String {
    try NPYFile.write(integers, to: "\(folder.path)/\(name)")
    return "\(folder.path)/\(name)"
  }

  @Test func featuresAndClassesAreExamples() throws {
    let inputs = try write([1, 2, 3, 4, 5, 6], [3, 2], "x.npy")
    let data = try Dataset.loadNPY(inputs: inputs, targets: try write([0, 4, 1], "y.npy"))
    #expect(data.inputs.shape == [3, 2] && data.inputs.elements == [1, 2, 3, 4, 5, 6])
    #expect(Array(data.labels) == [0, 4, 1] && data.classCount == 5)
    let single = try Dataset.loadNPY(inputs: try write([1, 2, 3], [3], "x1.npy"), targets: folder.path + "/y.npy")
    #expect(single.inputs.shape == [3, 1])
  }

  @Test func bytesOfImagesAreFractions() throws {
    let labels = try write([0, 1], "y.npy")
    let grey = try Dataset.loadNPY(inputs: try writeBytes([2, 5, 2], "grey.npy"), targets: labels)
    #expect(grey.inputs.shape == [2, 1, 5, 2])
    #expect(grey.inputs.elements == (0..<20).map { Float($0) / 255 })
    let last = try Dataset.loadNPY(inputs: try writeBytes([2, 2, 2, 3], "last.npy"), targets: labels)
    #expect(last.inputs.shape == [2, 3, 2, 2])
    // Twelve bytes an image, three a pixel.
    var expected: [Float] = []
    for (image, channel) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)] {
      for pixel in 0..<4 { expected.append(Float(12 * image + 3 * pixel + channel) / 255) }
    }
    #expect(last.inputs.elements == expected)
    let first = try Dataset.loadNPY(inputs: try writeBytes([2, 3, 2, 2], "first.npy"), targets: labels)
    #expect(first.inputs.elements == (0..<24).map { Float($0) / 255 })
  }

  @Test func theTaskFollowsFromTheTargets() throws {
    let inputs = try write([1, 2], [2], "x.npy")
    func kind(_ targets: String, _ task: LearningTask? = nil) throws -> String {
      try Dataset.loadNPY(inputs: inputs, targets: targets, task: task).targets.kind
    }
    let integers = try write([0, 999], "small.npy"), large = try write([0, 1000], "large.npy")
    #expect(try kind(integers) == "classes" && kind(large) == "values" && kind(large, .classification) == "classes")
    #expect(try kind(integers, .regression) == "values")
    #expect(try kind(try write([0, 1], [2], "float.npy")) == "values")
    #expect(try kind(try writeBytes([2, 1], "column.npy")) == "classes")
    #expect(try kind(try writeBytes([2, 2], "pairs.npy")) == "values")
    #expect(try kind(try write([-1, 1], "signs.npy")) == "values")
  }

  @Test func testArraysHaveTheSameClasses() throws {
    let paths = (
      try write([1, 2], [2], "x.npy"), try write([0, 1], "y.npy"), try write([3], [1], "tx.npy"),
      try write([6], "ty.npy")
    )
    let (training, test) = try Dataset.loadNPY(
      inputs: paths.0, targets: paths.1, testInputs: paths.2, testTargets: paths.3)
    #expect(training.classCount == 7 && test.classCount == 7 && Array(test.labels) == [6])
    let wide = try write([3, 4], [1, 2], "wide.npy")
    expectDatasetError(at: wide, ["expected examples of shape [1]", "found [2]"]) {
      try Dataset.loadNPY(inputs: paths.0, targets: paths.1, testInputs: wide, testTargets: paths.3)
    }
  }

  @Test func kerasNamesAreFoundInArchives() throws {
    for file in NumPyFiles.archives {
      let path = try folder.write(file.bytes, "arrays.npz")
      let (training, test) = try Dataset.loadNPZ(path)
      #expect(training.inputs.shape == [2, 3] && Array(training.labels) == [1, 0])
      #expect(test?.inputs.elements == [10, 11, 12])
      let (named, none) = try Dataset.loadNPZ(path, inputs: "x_test", targets: "y_test")
      #expect(named.count == 1 && none?.count == nil)
    }
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let inputs = try write([1, 2], [2], "x.npy")
    let three = try write([0, 1, 2], "three.npy")
    expectDatasetError(at: three, ["targets for the 2 examples of \(inputs)", "found 3"]) {
      try Dataset.loadNPY(inputs: inputs, targets: three)
    }
    let negative = try write([-1, 1], "negative.npy")
    expectDatasetError(at: negative, ["classes from 0", "found -1 to 1"]) {
      try Dataset.loadNPY(inputs: inputs, targets: negative, task: .classification)
    }
    let floats = try write([0, 1], [2], "floats.npy")
    expectDatasetError(at: floats, ["classes as integers", "<f4"]) {
      try Dataset.loadNPY(inputs: inputs, targets: floats, task: .classification)
    }
    let empty = try write([], [0, 2], "empty.npy")
    expectDatasetError(at: empty, ["expected examples", "[0, 2]"]) {
      try Dataset.loadNPY(inputs: empty, targets: three)
    }
    let number = try write([1], [], "number.npy")
    expectDatasetError(at: number, ["a target for each example"]) {
      try Dataset.loadNPY(inputs: inputs, targets: number)
    }
  }
}
