import Foundation

/// CIFAR-100's files with six training examples, and two for the test.
func writeSmallCIFAR100(to directory: URL) throws {
  func record(_ index: Int) -> [UInt8] {
    [UInt8(index), UInt8(10 * index)] + (0..<3072).map { UInt8(($0 * (index + 3)) % 251) }
  }
  try Data((0..<6).flatMap(record)).write(to: directory.appendingPathComponent("train.bin"))
  try Data((6..<8).flatMap(record)).write(to: directory.appendingPathComponent("test.bin"))
}

/// MNIST's files with images of 4 x 4 pixels: `training` of them, and 40 for the test.
func writeSmallIDX(training: Int, to directory: URL) throws {
  func idx(_ lengths: [Int], _ elements: [UInt8]) -> Data {
    let header = lengths.flatMap { length in [24, 16, 8, 0].map { UInt8(length >> $0 & 0xff) } }
    return Data([0, 0, 8, UInt8(lengths.count)] + header + elements)
  }
  for (name, count, offset) in [("train", training, 0), ("t10k", 40, 7)] {
    let labels = (0..<count).map { UInt8(($0 + offset) * 7 % 10) }
    // A bright pixel for the label, among others that depend on the image.
    let pixels = (0..<16 * count).map { index in
      let (image, pixel) = (index / 16, index % 16)
      return pixel == Int(labels[image]) ? 255 : UInt8((image * 31 + pixel * 17 + offset) % 120)
    }
    try idx([count, 4, 4], pixels).write(to: directory.appendingPathComponent("\(name)-images-idx3-ubyte"))
    try idx([count], labels).write(to: directory.appendingPathComponent("\(name)-labels-idx1-ubyte"))
  }
}
