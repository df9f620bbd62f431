/// What a comparison's `results.json` says of its search for rates.
struct ComparisonRecord: Decodable, Equatable, Sendable {
  /// A training of the search.
  struct Trial: Decodable, Equatable, Sendable {
    struct Cost: Decodable, Equatable, Sendable {
      var seconds: Double
    }

    var rate: Double
    /// On the validation examples; NaN where the training failed.
    var result: Double
    var cost: Cost?
  }

  /// A method, with the rate that was chosen where one was searched.
  struct Row: Decodable, Equatable, Sendable {
    var method: String
    var rate: Double?
    var search: [Trial]?
  }

  /// What was compared: a metric or the loss.
  var metric: String
  var rows: [Row]

  /// The comparison that is kept in a directory; nil where there is none that can be read.
  static func read(_ directory: String) -> ComparisonRecord? {
    let file = FilePaths.join(directory, RunRecord.FileName.results)
    guard let bytes = try? FileSystem.contents(of: file, atMost: 1 << 26) else { return nil }
    return JSONText.decode(ComparisonRecord.self, String(decoding: bytes, as: UTF8.self))
  }
}
