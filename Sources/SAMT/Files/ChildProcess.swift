import Foundation

/// A program that runs beside this one, killed with this object where it has not ended.
///
/// Foundation's `Process` traps where the system refuses it a descriptor; here everything that can fail throws.
final class ChildProcess {
  private let program: String
  private let number: pid_t
  private var hasEnded = false

  /// Starts `program` with these three standard streams, an environment of the path alone, and no signal blocked.
  init(
    _ program: String, _ arguments: [String], input: Int32, output: Int32, error: Int32
  ) throws(FileFailure) {
    self.program = program
    let path = "PATH=" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
    let words = ([program] + arguments).map { strdup($0) } + [nil]
    let environment = [strdup(path), nil]
    defer { for word in words + environment { free(word) } }

    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    for (stream, descriptor) in [input, output, error].enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(stream))
    }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

    var number: pid_t = 0
    let code = posix_spawn(&number, program, &actions, &attributes, words, environment)
    guard code == 0 else { throw FileFailure("\(program) cannot be started", code: code) }
    self.number = number
  }

  /// Waits for its end; returns what went wrong with it, or nil.
  func wait() throws(FileFailure) -> String? {
    var status: Int32 = 0
    guard Descriptor.retrying({ waitpid(number, &status, 0) }) == number else {
      throw FileFailure("the end of \(program) cannot be waited for")
    }
    hasEnded = true
    let signal = status & 0x7f
    guard signal == 0 else { return "signal \(signal)" }
    let exitStatus = status >> 8 & 0xff
    return exitStatus == 0 ? nil : "status \(exitStatus)"
  }

  deinit {
    guard !hasEnded else { return }
    kill(number, SIGKILL)
    _ = try? wait()
  }
}

/// The two ends of a pipe.
struct PipeEnds {
  let reading: Descriptor
  let writing: Descriptor

  /// Makes a pipe.
  init() throws(FileFailure) {
    let action = "no pipe can be made"
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw FileFailure(action) }
    do throws(FileFailure) { reading = try Descriptor(owning: ends[0], action: action) } catch {
      close(ends[1])
      throw error
    }
    writing = try Descriptor(owning: ends[1], action: action)
  }
}
