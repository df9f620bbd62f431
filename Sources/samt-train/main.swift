import Foundation
import SAMT

/// Ends the program with one line on standard error.
func fail(_ message: String, status: Int32) -> Never {
  FileHandle.standardError.write(Data("samt-train: \(message)\n".utf8))
  exit(status)
}

do {
  let options = try Options(CommandLine.arguments.dropFirst())
  if options.wantsHelp {
    print(Options.help, terminator: "")
    exit(0)
  }
  try KernelISA.selectFromEnvironment()
  try train(options)
} catch let error as UsageError {
  fail("\(error.message) (--help lists the options)", status: 64)
} catch {
  fail("\(error)", status: 2)
}
