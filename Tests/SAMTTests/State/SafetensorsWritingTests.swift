import Foundation
import SAMTTestSupport
import Testing

@testable import SAMT

@Suite struct SafetensorsWritingTests {
  private let folder: DataFolder
  private var path: String { folder.path + "/file.safetensors" }

  init() throws { folder = try DataFolder() }

  private static let everything: [(String, SafetensorsFile.Values)] = [
    ("state \"\\ \u{e9}\u{2603}", .bytes([1, 2, 255], shape: [3])),
    ("weights", .tensor(Tensor([0, 0.25, 0.5, 0.75, 1, 1.25], shape: [2, 3]))),
    ("counts", .integers([.min, .max], shape: [2, 1])),
    ("number", .tensor(Tensor([1.25], shape: []))),
    ("nothing", .tensor(Tensor(zeros: [0, 3]))),
    ("moments", .doubles([0.1, -1e300, .leastNonzeroMagnitude], shape: [3])),
  ]
  private static let metadata = ["note": "tab\t\"quoted\" \u{2603}", "epoch": "3"]

  @Test(arguments: [SafetensorsFile.Access.mapped, .copied]) func whatIsWrittenIsRead(
    _ access: SafetensorsFile.Access
  ) throws {
    try SafetensorsFile.write(Self.everything, metadata: Self.metadata, to: path)
    let file = try SafetensorsFile(contentsOf: path, access: access)
    // Larger elements first, otherwise in the order given.
    #expect(
      file.tensors.map(\.name) == ["counts", "moments", "weights", "number", "nothing", "state \"\\ \u{e9}\u{2603}"])
    #expect(file.tensors.map(\.type) == [.i64, .f64, .f32, .f32, .f32, .u8])
    #expect(file.tensors.map(\.shape) == [[2, 1], [3], [2, 3], [], [0, 3], [3]])
    #expect(file.metadata == Self.metadata)
    #expect(try file.integers("counts") == [.min, .max])
    #expect(try file.doubles("moments") == [0.1, -1e300, .leastNonzeroMagnitude])
    #expect(try file.tensor("weights").elements == [0, 0.25, 0.5, 0.75, 1, 1.25])
    #expect(try file.tensor("number").elements == [1.25])
    #expect(try file.tensor("nothing").shape == [0, 3])
    #expect(try file.bytes("state \"\\ \u{e9}\u{2603}") == [1, 2, 255])
    for entry in file.tensors {
      #expect(entry.byteRange.lowerBound % (entry.type.bitWidth / 8) == 0, "\(entry)")
    }
    #expect(file.tensors[0].byteRange.lowerBound % 64 == 0)
  }

  @Test func equalInputsMakeEqualFiles() throws {
    try SafetensorsFile.write(Self.everything, metadata: Self.metadata, to: path)
    let other = folder.path + "/other"
    try SafetensorsFile.write(Self.everything, metadata: Self.metadata, to: other)
    #expect(FileManager.default.contentsEqual(atPath: path, andPath: other))
  }

  @Test func aSliceWritesItsRows() throws {
    let whole = Tensor((0..<12).map(Float.init), shape: [4, 3])
    try SafetensorsFile.write([("rows", .tensor(whole[rows: 1..<3]))], to: path)
    #expect(try SafetensorsFile(contentsOf: path).tensor("rows").elements == [3, 4, 5, 6, 7, 8])
  }

  @Test func nothingMakesAFileOfNothing() throws {
    try SafetensorsFile.write([], to: path)
    #expect(try SafetensorsFile(contentsOf: path, access: .copied).tensors.isEmpty)
  }

  @Test func wrongListsAreRefusedBeforeTheFileIsTouched() throws {
    try SafetensorsFile.write([("old", .bytes([1], shape: [1]))], to: path)
    let byte = SafetensorsFile.Values.bytes([1], shape: [1])
    for (tensors, part) in [
      ([("a", byte), ("b", byte), ("a", byte)], "two tensors are named a"), ([("__metadata__", byte)], "__metadata__"),
      ([("a", .integers([1, 2], shape: [3]))], "a: expected values for shape [3], found 16 bytes"),
      ([("a", .doubles([], shape: [-1]))], "shape [-1]"), ([("a", .bytes([], shape: [.max, .max]))], "found 0 bytes"),
    ] {
      let error = #expect(throws: SAMTError.self) { try SafetensorsFile.write(tensors, to: path) }
      guard case .configuration(let problem)? = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(problem.contains(part), "\(problem) does not say \(part)")
    }
    #expect(try SafetensorsFile(contentsOf: path).entry(named: "old") != nil)
  }

  #if os(Linux)
    /// Beyond the file size that the process may reach, a write fails half-way, as on a full disk.
    @Test func aFileThatDoesNotFitLeavesTheOldOne() async {
      await #expect(processExitsWith: .success) {
        let folder = try DataFolder()
        let path = folder.path + "/file"
        try SafetensorsFile.write([("old", .bytes([1], shape: [1]))], to: path)
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: 100_000, rlim_max: 100_000)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        do throws(SAMTError) {
          try SafetensorsFile.write([("new", .tensor(Tensor(zeros: [100, 1000])))], to: path)
          exit(1)
        } catch { guard error == .output(path: path, reason: "cannot write: File too large") else { exit(2) } }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        exit(try names == ["file"] && SafetensorsFile(contentsOf: path).bytes("old") == [1] ? 0 : 3)
      }
    }
  #endif

  /// Python's safetensors reads what this package writes, bit for bit.
  @Test(.enabled(if: Python.canImport("safetensors.numpy"), "needs python3 with safetensors and numpy"))
  func pythonReadsTheSame() throws {
    try SafetensorsFile.write(Self.everything, metadata: Self.metadata, to: path)
    let output = try Python.run(["\(safetensorsFolder)/safetensors_files.py", "check", path])
    #expect(output.status == 0 && output.text == "all equal\n", "\(output.text)")
  }
}
