/// Traps with `message` unless `condition` holds: a `precondition` that says why in optimized builds too.
@inline(__always)
func ensure(
  _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) {
  if !condition { fatalError(message(), file: file, line: line) }
}
