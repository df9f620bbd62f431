/// Output that may fail for a while, as on a full disk: what happens to its failures.
struct PersistentOutput {
  /// Told of a failure when one begins; nil where a failure ends the training.
  var onFailure: ((SAMTError) -> Void)?
  /// Why the last attempt failed; nil where it did not.
  private(set) var failure: SAMTError?

  /// Tries to write.
  ///
  /// - Throws: what `write` throws, where nobody is told of failures.
  mutating func attempt(_ write: () throws(SAMTError) -> Void) throws(SAMTError) {
    do throws(SAMTError) {
      try write()
      failure = nil
    } catch {
      guard let onFailure else { throw error }
      if failure == nil { onFailure(error) }
      failure = error
    }
  }
}
