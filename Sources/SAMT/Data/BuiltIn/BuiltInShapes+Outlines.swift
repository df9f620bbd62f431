extension BuiltInShapes {
  /// One closed outline for each class, on a field from -1 to 1.
  static let outlines = [circle, square, triangle, cross, star, heart, crescent, arrow, hourglass, drop]

  private static let circle = Stroke(
    .smooth(0, -1), .smooth(0.71, -0.71), .smooth(1, 0), .smooth(0.71, 0.71), .smooth(0, 1), .smooth(-0.71, 0.71),
    .smooth(-1, 0), .smooth(-0.71, -0.71), isClosed: true)

  private static let square = Stroke(
    .corner(-0.85, -0.85), .corner(0.85, -0.85), .corner(0.85, 0.85), .corner(-0.85, 0.85), isClosed: true)

  private static let triangle = Stroke(.corner(0, -1), .corner(1, 0.8), .corner(-1, 0.8), isClosed: true)

  private static let cross = Stroke(
    .corner(-0.33, -1), .corner(0.33, -1), .corner(0.33, -0.33), .corner(1, -0.33), .corner(1, 0.33),
    .corner(0.33, 0.33), .corner(0.33, 1), .corner(-0.33, 1), .corner(-0.33, 0.33), .corner(-1, 0.33),
    .corner(-1, -0.33), .corner(-0.33, -0.33), isClosed: true)

  private static let star = Stroke(
    .corner(0, -1.1), .corner(0.26, -0.36), .corner(1.05, -0.34), .corner(0.43, 0.14), .corner(0.65, 0.89),
    .corner(0, 0.45), .corner(-0.65, 0.89), .corner(-0.43, 0.14), .corner(-1.05, -0.34), .corner(-0.26, -0.36),
    isClosed: true)

  private static let heart = Stroke(
    .corner(0, -0.45), .smooth(0.5, -0.9), .smooth(1, -0.4), .smooth(0.6, 0.35), .corner(0, 1), .smooth(-0.6, 0.35),
    .smooth(-1, -0.4), .smooth(-0.5, -0.9), isClosed: true)

  private static let crescent = Stroke(
    .corner(0.5, -0.9), .smooth(-0.3, -0.95), .smooth(-0.9, -0.4), .smooth(-0.9, 0.4), .smooth(-0.3, 0.95),
    .corner(0.5, 0.9), .smooth(-0.05, 0.5), .smooth(-0.2, 0), .smooth(-0.05, -0.5), isClosed: true)

  private static let arrow = Stroke(
    .corner(1.05, 0), .corner(0.2, -0.8), .corner(0.2, -0.3), .corner(-1, -0.3), .corner(-1, 0.3), .corner(0.2, 0.3),
    .corner(0.2, 0.8), isClosed: true)

  private static let hourglass = Stroke(
    .corner(-0.8, -1), .corner(0.8, -1), .corner(0.15, 0), .corner(0.8, 1), .corner(-0.8, 1), .corner(-0.15, 0),
    isClosed: true)

  private static let drop = Stroke(
    .corner(0, -1.15), .smooth(0.45, -0.25), .smooth(0.72, 0.4), .smooth(0.4, 0.95), .smooth(-0.4, 0.95),
    .smooth(-0.72, 0.4), .smooth(-0.45, -0.25), isClosed: true)
}
