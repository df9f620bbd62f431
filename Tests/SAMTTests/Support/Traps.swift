import Testing

/// Expects that a child process stopped with a message that contains all of `parts`.
func expectMessage(
  _ result: ExitTest.Result?, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation
) {
  let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  for part in parts {
    #expect(message.contains(part), "no \(part) in \(message.prefix(300))", sourceLocation: sourceLocation)
  }
}
