import Testing

@testable import SAMT

/// Data sets in the IDX format with other names and other numbers of classes than MNIST.
@Suite struct IDXFolderTests {
  private let folder: DataFolder

  init() throws { folder = try DataFolder() }

  private func write(_ prefix: String, test: String = "t10k", largest: UInt8 = 25) throws {
    try folder.write(fiveImages, "\(prefix)train-images-idx3-ubyte")
    try folder.write(idx([5], [1, 2, 3, 4, 0]), "\(prefix)train-labels-idx1-ubyte")
    try folder.writeCompressed(
      idx([1, 4, 3], [UInt8](repeating: 51, count: 12)), "\(prefix)\(test)-images-idx3-ubyte.gz")
    try folder.write(idx([1], [largest]), "\(prefix)\(test)-labels.idx1-ubyte")
  }

  @Test(arguments: [("", "t10k"), ("emnist-letters-", "test"), ("kmnist_", "t10k")])
  func filesAreFoundBehindAPrefix(prefix: String, test: String) throws {
    try write(prefix, test: test)
    let (training, test) = try Dataset.loadIDX(directory: folder.path)
    #expect(training.count == 5 && Array(test.labels) == [25])
    #expect(training.classCount == 26 && test.classCount == 26)
  }

  @Test func thereAreAsManyClassesAsTheLabelsNeed() throws {
    try write("", largest: 2)
    #expect(try Dataset.loadIDX(directory: folder.path).training.classCount == 5)
  }

  @Test func severalDataSetsAreToldApartByTheirFiles() throws {
    try write("a-")
    try write("b-")
    expectDatasetError(at: folder.path, ["expected one data set", "\"a-\", \"b-\""]) {
      try Dataset.loadIDX(directory: folder.path)
    }
    let path = folder.path
    let (training, test) = try Dataset.loadIDX(
      images: path + "/a-train-images-idx3-ubyte", labels: path + "/a-train-labels-idx1-ubyte",
      testImages: path + "/b-t10k-images-idx3-ubyte.gz", testLabels: path + "/b-t10k-labels.idx1-ubyte")
    #expect(training.count == 5 && test.count == 1)
  }

  @Test func whatIsMissingIsNamed() throws {
    expectDatasetError(at: folder.path, ["train-images-idx3-ubyte", "found none"]) {
      try Dataset.loadIDX(directory: folder.path)
    }
    try folder.write(fiveImages, "x-train-images-idx3-ubyte")
    expectDatasetError(at: folder.path, ["x-train-labels-idx1-ubyte", "found none"]) {
      try Dataset.loadIDX(directory: folder.path)
    }
    expectDatasetError(at: folder.path + "/none", ["no such directory"]) {
      try Dataset.loadIDX(directory: folder.path + "/none")
    }
  }
}
