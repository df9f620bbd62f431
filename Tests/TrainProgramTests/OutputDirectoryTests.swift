import Foundation
import SAMT
import SAMTTestSupport
import Testing

@testable import samt_train

@Suite struct OutputDirectoryTests {
  @Test func anEarlierRunIsNotReplacedUnasked() throws {
    try withTemporaryDirectory { directory in
      for name in RunDirectory.fileNames {
        let run = directory.appendingPathComponent("run-\(name)")
        try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
        _ = try RunDirectory(new: run.path, overwriting: false)
        let file = run.appendingPathComponent(name)
        try Data("old".utf8).write(to: file)
        let error = #expect(throws: SAMTError.self) { _ = try RunDirectory(new: run.path, overwriting: false) }
        #expect("\(error!)".contains("holds an earlier run's \(name)") && "\(error!)".contains("--overwrite"))
        #expect(try String(contentsOf: file, encoding: .utf8) == "old")
        try RunDirectory(new: run.path, overwriting: true).prepare(TrainingSettings())
        #expect(
          try FileManager.default.contentsOfDirectory(atPath: run.path) == ["config.json"], "others than the new one")
        #expect(try RunDirectory(earlier: run.path).settings().epochs == 12)
      }
    }
  }

  @Test func whatCannotBeADirectoryIsSaid() throws {
    try withTemporaryDirectory { directory in
      let file = directory.appendingPathComponent("file").path
      try Data().write(to: URL(fileURLWithPath: file))
      let loop = directory.appendingPathComponent("loop").path
      try FileManager.default.createSymbolicLink(atPath: loop, withDestinationPath: loop)
      let cases = [
        (file, "not a directory"), (file + "/below", "\(file) is not a directory"),
        (file + "/below/deeper", "\(file) is not a directory"),
        (loop, "cannot be reached: Too many levels of symbolic links"),
        (loop + "/below", "cannot be reached: Too many levels of symbolic links"),
        (directory.path + "/" + String(repeating: "x", count: 300), "cannot be reached: File name too long"),
      ]
      for (path, reason) in cases {
        #expect(throws: SAMTError.output(path: path, reason: reason)) {
          try RunDirectory(new: path, overwriting: false)
        }
      }
    }
  }

  @Test func directoriesAreMadeWithThoseAbove() throws {
    try withTemporaryDirectory { directory in
      let deep = directory.path + "/a/b/c/"
      let run = try RunDirectory(new: deep, overwriting: false)
      #expect(!FileManager.default.fileExists(atPath: directory.path + "/a"))
      try run.prepare(TrainingSettings())
      #expect(try FileManager.default.contentsOfDirectory(atPath: deep) == ["config.json"])
    }
  }
}
