extension [String] {
  /// The names with commas between them, for messages: at most a dozen, and how many more there are.
  package var listed: String {
    let limit = 12
    let names = prefix(limit).joined(separator: ", ")
    return count > limit ? "\(names) and \(count - limit) more" : names
  }
}
