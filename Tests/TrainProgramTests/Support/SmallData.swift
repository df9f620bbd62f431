import Foundation

/// CIFAR-100's files with six training examples, and two for the test.
func writeSmallCIFAR100(to directory: URL) throws {
  func record(_ index: Int) -> [UInt8] {
    [UInt8(index), UInt8(10 * index)] + (0..<3072).map { UInt8(($0 * (index + 3)) % 251) }
  }
  try Data((0..<6).flatMap(record)).write(to: directory.appendingPathComponent("train.bin"))
  try Data((6..<8).flatMap(record)).write(to: directory.appendingPathComponent("test.bin"))
}
