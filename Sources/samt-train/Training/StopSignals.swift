import Dispatch
import Foundation

/// Notes the signals that ask a program to end, so that a training can end in an orderly way: between two steps.
///
/// The first one is noted; a second one ends the process at once.
final class StopSignals {
  private let state = State()
  private var sources: [any DispatchSourceSignal] = []

  /// Notes SIGINT and SIGTERM from now on; one that the process was started to ignore stays ignored.
  func watch() {
    guard sources.isEmpty else { return }
    let state = state
    sources = [SIGINT, SIGTERM].compactMap { number in
      let earlier = signal(number, SIG_IGN)  // the source alone sees it now
      guard unsafeBitCast(earlier, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self) else { return nil }
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInteractive))
      source.setEventHandler { state.note(number) }
      source.resume()
      return source
    }
  }

  /// The first signal that came.
  var received: Int32? { state.first }

  /// Shared with the queue on which signals are noted.
  private final class State: @unchecked Sendable {
    private let lock = NSLock()
    private var number: Int32?  // guarded by `lock`

    var first: Int32? { lock.withLock { number } }

    func note(_ signal: Int32) {
      let isSecond = lock.withLock {
        defer { number = number ?? signal }
        return number != nil
      }
      if isSecond { _exit(128 + signal) }
    }
  }
}
