import Foundation
import SAMT
import Testing

/// What a training left in its directory.
struct KeptRun {
  let directory: URL

  var lastPath: String { directory.appendingPathComponent("last.safetensors").path }
  var bestPath: String { directory.appendingPathComponent("best.safetensors").path }

  /// Every tensor of the checkpoint by its name, but for the time that the training took.
  func tensors() throws -> [String: [UInt8]] {
    let file = try SafetensorsFile(contentsOf: lastPath, access: .copied)
    var tensors: [String: [UInt8]] = [:]
    for entry in file.tensors where entry.name != "trainer.seconds" {
      tensors[entry.name] = try file.bytes(entry.name)
    }
    return tensors
  }

  /// Steps of the current epoch, and epochs before, that the checkpoint has; nil where there is none.
  func position() -> (epochs: Int, step: Int)? {
    guard let file = try? SafetensorsFile(contentsOf: lastPath, access: .copied),
      let epochs = try? file.integers("trainer.epochs"), let step = try? file.integers("trainer.step")
    else { return nil }
    return (Int(epochs[0]), Int(step[0]))
  }

  /// The lines of the metrics without what depends on the clock.
  func metrics() throws -> [String] {
    let text = try String(contentsOf: directory.appendingPathComponent("metrics.jsonl"), encoding: .utf8)
    return text.replacing(/"(seconds|samplesPerSecond)":[^,}]*/, with: "").split(separator: "\n").map(String.init)
  }

  /// Records where this training and another differ in a bit of what they came to.
  func expectSame(as other: KeptRun, _ comment: Comment) throws {
    let (tensors, others) = (try tensors(), try other.tensors())
    #expect(tensors.keys.sorted() == others.keys.sorted(), comment)
    for (name, bytes) in tensors where others[name] != bytes {
      Issue.record("\(comment): \(name) differs")
    }
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: bestPath)) == Data(contentsOf: URL(fileURLWithPath: other.bestPath)),
      comment)
    #expect(try metrics() == other.metrics(), comment)
  }
}

extension Program {
  /// Starts `samt-train` with these arguments, its output thrown away.
  func start(_ arguments: [String]) throws -> Process {
    let process = process(arguments)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }
}
