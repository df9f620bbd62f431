import Foundation
import SAMT

/// A program: its name, its version, and what it can do.
public struct Program {
  private let name: String
  private let version: String
  private let about: String
  private let notes: String
  private let commands: [Command]

  /// A program of several commands, the first of which is meant where no word names one.
  ///
  /// `about` and `notes` stand before and behind the list of commands in the help.
  public init(_ name: String, version: String, about: String, notes: String, commands: [Command]) {
    self.name = name
    self.version = version
    self.about = about
    self.notes = notes
    self.commands = commands
  }

  /// A program that does one thing.
  public init(_ name: String, version: String, command: Command) {
    self.init(name, version: version, about: "", notes: "", commands: [command])
  }

  /// Runs the program on the arguments of the process, and exits with its status; on rank 0 alone where the command is
  /// not one for all ranks.
  ///
  /// What is thrown becomes one line on standard error, without a trace: status 64 for a ``UsageError``, 2 for anything
  /// else. Where standard output is a pipe whose reader has gone, nothing is said and the status is 141, as of a process
  /// that the signal ended.
  public func runAndExit(on communicator: any Communicator = LocalCommunicator()) -> Never {
    reserveStandardStreams()
    do {
      let status = try run(commandLineArguments(), isRank0: communicator.rank == 0)
      communicator.finish()
      exit(status)
    } catch let failure as StandardOutput.Failure where failure.isClosedPipe {
      communicator.abort(status: 128 + SIGPIPE)
    } catch {
      let message = (error as? UsageError)?.message ?? "\(error)"
      communicator.fail(name, message, status: error is UsageError ? 64 : 2)
    }
  }

  /// Runs the command that the first word names, the first command where it names none; returns the exit status.
  private func run(_ arguments: [String], isRank0: Bool) throws -> Int32 {
    if commands.count > 1, let word = arguments.first, word == "--help" || word == "-h" {
      try StandardOutput.write(help)
      return 0
    }
    let named = commands.first { commands.count > 1 && $0.name == arguments.first }
    let command = named ?? commands[0]
    guard isRank0 || command.isForAllRanks else { return 0 }
    do {
      if commands.count > 1, named == nil, let word = arguments.first, !word.hasPrefix("-") {
        throw UsageError("expected a command (\(commands.map(\.name).joined(separator: ", "))), found \(word)")
      }
      switch try command.run(Array(arguments.dropFirst(named == nil ? 0 : 1))) {
      case .status(let status): return status
      case .request(.help): try StandardOutput.write(command.help)
      case .request(.version): try StandardOutput.writeLine("\(name) \(version)")
      }
      return 0
    } catch let error as UsageError {
      let words = commands.count > 1 ? "\(name) \(command.name)" : name
      throw UsageError("\(error.message) (see \(words) --help)")
    }
  }

  /// What the program can do; of a program of one command, that command's help.
  var help: String {
    guard commands.count > 1 else { return commands[0].help }
    let width = (commands.map(\.name.count).max() ?? 0) + 2
    let list = commands.map { command in
      "  " + command.name + String(repeating: " ", count: width - command.name.count) + command.summary + "\n"
    }
    return about + "\n\nusage: \(name) [COMMAND] [options]\n\ncommands:\n" + list.joined() + "\n"
      + "Without a command: \(commands[0].name). \(name) COMMAND --help lists a command's options.\n\n" + notes + "\n"
  }
}
