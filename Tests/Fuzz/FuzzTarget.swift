import Foundation

// Compiled into one module with the sources under test by Tests/Fuzz/run, and linked with libFuzzer, which calls the
// functions below.

/// A parser under test: its name, and what it does with an input.
///
/// An input may be accepted or refused with the error that the parser documents; anything else traps.
struct FuzzTarget: Sendable {
  let name: String
  let run: @Sendable ([UInt8]) -> Void

  static let all: [FuzzTarget] = [
    .idx, .cifar, .archive, .gzip, .csv, .number, .preprocessing, .npy, .npz, .pnm, .safetensors, .path, .config,
    .architecture,
  ]
}

/// The target that the environment variable `SAMT_FUZZ_TARGET` names.
private let target: FuzzTarget = {
  let name = ProcessInfo.processInfo.environment["SAMT_FUZZ_TARGET"]
  guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
    fatalError("SAMT_FUZZ_TARGET: expected one of \(FuzzTarget.all.map(\.name)), found \(name ?? "nothing")")
  }
  return target
}()

/// libFuzzer's entry.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  target.run([UInt8](UnsafeBufferPointer(start: start, count: count)))
  return 0
}

extension FuzzTarget {
  /// Runs `body`, which may throw a data set's error for the path `input`.
  static func expectDatasetError(_ body: () throws(SAMTError) -> Void) {
    do throws(SAMTError) { try body() } catch {
      guard case .dataset("input", let reason) = error, !reason.isEmpty else { fatalError("\(error)") }
    }
  }

  /// What `body` returns; nil where it throws a file's error for the path `input`.
  static func refusable<R>(_ body: () throws(SAMTError) -> R) -> R? {
    do throws(SAMTError) { return try body() } catch {
      guard case .file("input", let reason) = error, !reason.isEmpty else { fatalError("\(error)") }
      return nil
    }
  }
}
