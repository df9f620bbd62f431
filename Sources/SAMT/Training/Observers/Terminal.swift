import Foundation

/// What is known of the terminal behind standard output.
package enum Terminal {
  /// Whether standard output is a terminal whose cursor can be moved, and nobody asked for plain text: neither `TERM` is
  /// `dumb` or empty, nor `NO_COLOR` set (no-color.org).
  package static var isInteractive: Bool {
    let environment = ProcessInfo.processInfo.environment
    return isatty(STDOUT_FILENO) == 1 && !["", "dumb"].contains(environment["TERM"] ?? "")
      && (environment["NO_COLOR"] ?? "").isEmpty
  }

  /// To the line's beginning, and the line empty.
  package static let clearLine = "\r\u{1B}[2K"

  /// Its columns, as they are now: what the system says, or else `COLUMNS`, or else 80.
  package static var width: Int {
    var size = winsize()
    if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
    let columns = ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) }
    return columns.flatMap { $0 > 0 ? $0 : nil } ?? 80
  }
}
