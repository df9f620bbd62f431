import Foundation
import Testing

@testable import SAMT

@Suite struct ImageFolderTests {
  private let folder: DataFolder

  init() throws { folder = try DataFolder() }

  private func write(_ picture: String, _ samples: [UInt8], _ name: String) throws {
    let directory = URL(fileURLWithPath: "\(folder.path)/\(name)").deletingLastPathComponent()
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    try folder.write(Array(picture.utf8) + samples, name)
  }

  private func writeTwoClasses(_ root: String = "") throws {
    try write("P5 2 1 255\n", [0, 255], root + "dog/2.pgm")
    try write("P5 2 1 255\n", [51, 102], root + "dog/1.pgm")
    try write("P6 2 1 255\n", [255, 0, 51, 0, 255, 102], root + "cat/a.ppm")
    try write("", [], root + "cat/.hidden")
  }

  @Test func foldersAreClasses() throws {
    try writeTwoClasses()
    let data = try Dataset.loadImages(directory: folder.path)
    #expect(data.classNames == ["cat", "dog"])
    #expect(Array(data.labels) == [0, 1, 1])
    #expect(data.inputs.shape == [3, 3, 1, 2])
    #expect(data.inputs.elements == [1, 0, 0, 1, 0.2, 0.4, 0.2, 0.4, 0.2, 0.4, 0.2, 0.4, 0, 1, 0, 1, 0, 1])
  }

  @Test func picturesOfAnotherSizeAreResized() throws {
    try write("P5 2 2 255\n", [0, 255, 255, 0], "a/1.pgm")
    try write("P5 1 1 255\n", [51], "a/2.pgm")
    expectDatasetError(at: "\(folder.path)/a/2.pgm", ["expected 2x2 pixels", "found 1x1"]) {
      try Dataset.loadImages(directory: folder.path)
    }
    #expect(try Dataset.loadImages(directory: folder.path, size: 1).inputs.elements == [0.5, 0.2])
  }

  @Test func trainingAndTestHaveFoldersOfTheirOwn() throws {
    try writeTwoClasses("train/")
    try write("P6 2 1 255\n", [0, 0, 0, 0, 0, 0], "test/dog/1.ppm")
    let (training, found) = try Dataset.loadImages(splitIn: folder.path)
    let test = try #require(found)
    #expect(training.count == 3 && test.count == 1)
    #expect(Array(test.labels) == [1] && test.classNames == ["cat", "dog"])

    try write("P6 2 1 255\n", [0, 0, 0, 0, 0, 0], "test/bird/1.ppm")
    expectDatasetError(at: folder.path + "/test", ["expected the classes cat, dog", "found bird"]) {
      try Dataset.loadImages(splitIn: folder.path)
    }
  }

  @Test func withoutTheseFoldersThereIsNoTest() throws {
    try writeTwoClasses()
    let (training, test) = try Dataset.loadImages(splitIn: folder.path)
    #expect(training.count == 3 && test?.count == nil)
  }

  @Test func whatIsNoFolderOfClassesIsRefused() throws {
    expectDatasetError(at: folder.path, ["expected a folder of pictures"]) {
      try Dataset.loadImages(directory: folder.path)
    }
    try FileManager.default.createDirectory(atPath: folder.path + "/empty", withIntermediateDirectories: false)
    expectDatasetError(at: folder.path + "/empty", ["expected pictures, found none"]) {
      try Dataset.loadImages(directory: folder.path)
    }
    let file = try folder.write([1], "a.pgm")
    expectDatasetError(at: file, ["beside them"]) { try Dataset.loadImages(directory: folder.path) }
    expectDatasetError(at: file, ["expected a directory"]) { try Dataset.loadImages(directory: file) }
  }
}
