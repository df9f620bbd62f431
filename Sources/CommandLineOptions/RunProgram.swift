import Foundation

/// Runs a program's `body` and exits with the status it returns.
///
/// What it throws becomes one line on standard error, without a trace: status 64 for a ``UsageError``, 2 for anything
/// else.
public func runProgram(_ name: String, _ body: () throws -> Int32) -> Never {
  do {
    exit(try body())
  } catch let error as UsageError {
    complain("\(name): \(error.message) (--help lists the options)")
    exit(64)
  } catch {
    complain("\(name): \(error)")
    exit(2)
  }
}

/// Writes a line to standard error.
public func complain(_ message: String) {
  FileHandle.standardError.write(Data((message + "\n").utf8))
}
