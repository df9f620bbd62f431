import Foundation
import SAMT
import Testing

@Suite struct MNISTTests {
  private let folder: DataFolder

  init() throws { folder = try DataFolder() }

  private static let names = [
    "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
  ]

  private let contents = [
    fiveImages, fiveLabels, idx([2, 4, 3], [UInt8](repeating: 51, count: 24)), idx([2], [7, 8]),
  ]

  private func expectWhole(_ data: (training: Dataset, test: Dataset)) {
    #expect(data.training.inputs.shape == [5, 1, 4, 3])
    #expect(data.training.labels == [3, 0, 9, 9, 1])
    #expect(data.test.inputs.shape == [2, 1, 4, 3])
    #expect(data.test.inputs.elements == [Float](repeating: 0.2, count: 24))
    #expect(data.test.labels == [7, 8])
    #expect(data.training.classCount == 10 && data.test.classCount == 10)
  }

  /// The name as some mirrors have it.
  private static func dotted(_ name: String) -> String { name.replacingOccurrences(of: "-idx", with: ".idx") }

  @Test(arguments: [false, true], [false, true])
  func allNamesAreFound(dots: Bool, compressed: Bool) throws {
    for (name, content) in zip(Self.names, contents) {
      let name = dots ? Self.dotted(name) : name
      if compressed { try folder.writeCompressed(content, name + ".gz") } else { try folder.write(content, name) }
    }
    expectWhole(try Dataset.loadMNIST(directory: folder.path))
    expectWhole(try Dataset.loadMNIST(directory: folder.path + "/"))
  }

  @Test func plainFilesComeFirstAndFoldersDoNotCount() throws {
    for (name, content) in zip(Self.names, contents) {
      try FileManager.default.createDirectory(atPath: "\(folder.path)/\(name)", withIntermediateDirectories: false)
      try folder.write(content, Self.dotted(name))
      try folder.write([1, 2, 3], name + ".gz")
    }
    expectWhole(try Dataset.loadMNIST(directory: folder.path))
  }

  @Test func aMissingDirectoryIsReported() throws {
    let missing = folder.path + "/none"
    expectDatasetError(at: missing, ["no such directory"]) { try Dataset.loadMNIST(directory: missing) }
    let file = try folder.write(fiveImages, "file")
    expectDatasetError(at: file, ["expected a directory"]) { try Dataset.loadMNIST(directory: file) }
  }

  /// What stands in the way is said, and not that nothing is there.
  @Test func whatCannotBeReachedIsExplained() throws {
    let loop = folder.path + "/loop"
    try FileManager.default.createSymbolicLink(atPath: loop, withDestinationPath: loop)
    expectDatasetError(at: loop, ["cannot be opened", "symbolic links"]) { try Dataset.loadMNIST(directory: loop) }
    let file = try folder.write(fiveImages, "file") + "/below"
    expectDatasetError(at: file, ["cannot be opened", "Not a directory"]) { try Dataset.loadMNIST(directory: file) }

    let images = "\(folder.path)/\(Self.names[0])"
    try FileManager.default.createDirectory(atPath: images, withIntermediateDirectories: false)
    expectDatasetError(at: folder.path, ["found none; \(Self.names[0]) is a directory"]) {
      try Dataset.loadMNIST(directory: folder.path)
    }
    try FileManager.default.removeItem(atPath: images)
    try FileManager.default.createSymbolicLink(atPath: images, withDestinationPath: images)
    expectDatasetError(at: images, ["cannot be opened", "symbolic links"]) {
      try Dataset.loadMNIST(directory: folder.path)
    }
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may read everything"))
  func anUnreadableDirectoryIsExplained() throws {
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder.path)
    defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path) }
    expectDatasetError(at: "\(folder.path)/\(Self.names[0])", ["cannot be opened", "Permission denied"]) {
      try Dataset.loadMNIST(directory: folder.path)
    }
  }

  @Test(arguments: 0..<4) func eachMissingFileIsNamed(missing: Int) throws {
    for i in 0..<4 where i != missing { try folder.write(contents[i], Self.names[i]) }
    let name = Self.names[missing]
    expectDatasetError(at: folder.path, [name, Self.dotted(name), name + ".gz", "found none"]) {
      try Dataset.loadMNIST(directory: folder.path)
    }
  }

  @Test func aLabelAboveNineIsRefused() throws {
    for i in 0..<3 { try folder.write(contents[i], Self.names[i]) }
    let labels = try folder.write(idx([2], [9, 10]), Self.names[3])
    expectDatasetError(at: labels, ["expected labels below 10", "found 10 for example 1"]) {
      try Dataset.loadMNIST(directory: folder.path)
    }
  }

  @Test func imagesOfAnotherSizeAreRefused() throws {
    for i in [0, 1, 3] { try folder.write(contents[i], Self.names[i]) }
    let images = try folder.write(idx([2, 3, 4], [UInt8](repeating: 1, count: 24)), Self.names[2])
    expectDatasetError(at: images, ["[1, 4, 3]", "found [1, 3, 4]"]) { try Dataset.loadMNIST(directory: folder.path) }
  }

  private static let real = ProcessInfo.processInfo.environment["SAMT_MNIST"]

  @Test(.enabled(if: real != nil, "set SAMT_MNIST to the directory of MNIST's four files to run this test"))
  func theRealFilesLoad() throws {
    let (training, test) = try Dataset.loadMNIST(directory: try #require(Self.real))
    #expect(training.inputs.shape == [60_000, 1, 28, 28])
    #expect(test.inputs.shape == [10_000, 1, 28, 28])
    #expect(training.labels.prefix(10) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    #expect(test.labels.prefix(10) == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
    // The figures everyone normalizes with: mean 0.1307, standard deviation 0.3081.
    let moments = Moments(of: training.inputs)
    #expect(abs(moments.mean - 0.1307) < 0.00005)
    #expect(abs(moments.variance.squareRoot() - 0.3081) < 0.00005)
  }
}
