/// What an axis shows.
struct Axis: Equatable, Sendable {
  /// The quantity and its unit, as it stands beside the axis.
  var title: String
  /// Nil to choose by the values.
  var kind: Scale.Kind?
  /// Whether ticks stand at whole numbers alone.
  var isWhole = false

  init(_ title: String, _ kind: Scale.Kind? = nil, isWhole: Bool = false) {
    self.title = title
    self.kind = kind
    self.isWhole = isWhole
  }

  /// The kind of scale that suits the values.
  func kind(for values: some Sequence<Double>) -> Scale.Kind { kind ?? .fitting(values) }
}
