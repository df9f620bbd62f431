import CommandLineOptions
import Dispatch
import Foundation
import SAMT

/// Says on a terminal what takes long and for how long, and takes the line away when it is done.
///
/// Nothing is said of what is done within the first second, nor where standard output is no terminal that can be redrawn.
struct Activity: Sendable {
  private let isTerminal: Bool
  private let interval: DispatchTimeInterval
  private let print: @Sendable (String) -> Void

  /// On standard output.
  init() {
    self.init(isTerminal: Terminal.isInteractive) { text in try? StandardOutput.write(text) }
  }

  /// By `print`, at every `interval`.
  init(
    isTerminal: Bool, interval: DispatchTimeInterval = .seconds(1), print: @escaping @Sendable (String) -> Void
  ) {
    self.isTerminal = isTerminal
    self.interval = interval
    self.print = print
  }

  /// Does `work`, which is called `name`: `reading csv table.csv`.
  @discardableResult
  func callAsFunction<Result, Failure: Error>(
    _ name: String, _ work: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard isTerminal else { return try work() }
    let queue = DispatchQueue(label: "activity")
    let timer = DispatchSource.makeTimerSource(queue: queue)
    let start = Date()
    timer.schedule(deadline: .now() + interval, repeating: interval)
    timer.setEventHandler { [print] in
      let text = String(format: "%@  %.0f s", name, Date().timeIntervalSince(start))
      print(Terminal.clearLine + text.prefix(max(Terminal.width - 1, 0)))
    }
    timer.resume()
    defer {
      timer.cancel()
      // Behind a drawing that has begun; harmless where nothing was drawn.
      queue.sync { print(Terminal.clearLine) }
    }
    return try work()
  }
}
