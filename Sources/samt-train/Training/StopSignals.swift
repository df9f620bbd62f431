import Foundation

/// The first signal that asked for the end, or 0; the handler alone writes it.
nonisolated(unsafe) private var noted: sig_atomic_t = 0

/// Notes the signals that ask a program to end, so that a training can end in an orderly way: between two steps.
///
/// The first one is noted; a second one ends the process at once. The handler does nothing else, as the system demands of
/// one, and no thread is needed.
final class StopSignals {
  /// Notes SIGINT and SIGTERM from now on; one that the process was started to ignore stays ignored.
  ///
  /// Until then each ends the process, as usual. Signals that the starting process held back come through.
  func watch() {
    _ = noted  // made before the handler can need it
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] {
      let earlier = signal(number) { number in
        if noted != 0 { _exit(128 + number) }
        noted = number
      }
      if unsafeBitCast(earlier, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { signal(number, SIG_IGN) }
      sigaddset(&signals, number)
    }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// The first signal that came.
  var received: Int32? { noted == 0 ? nil : noted }
}
