import Foundation

/// What went wrong with a file, without its path: whoever knows what the file is for makes a ``SAMTError`` of it.
struct FileFailure: Error {
  let reason: String

  init(reason: String) { self.reason = reason }

  /// `action` failed, for the reason that `errno` gives.
  init(_ action: String) { self.init(action, code: errno) }

  /// `action` failed, for the reason of the system's error `code`.
  init(_ action: String, code: Int32) { reason = "\(action): \(String(cString: strerror(code)))" }
}

extension SAMTError {
  /// What `body` returns; its failure as an error that `error` makes of the reason.
  static func wrapping<R>(
    _ error: (_ reason: String) -> SAMTError, _ body: () throws(FileFailure) -> R
  ) throws(SAMTError) -> R {
    do throws(FileFailure) { return try body() } catch { throw wrapped(error) }
    func wrapped(_ failure: FileFailure) -> SAMTError { error(failure.reason) }
  }
}
