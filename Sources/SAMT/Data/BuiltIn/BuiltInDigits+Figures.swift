extension BuiltInDigits {
  /// The ways to write each digit, on a field six wide and ten high.
  static let figures: [[[Stroke]]] = [zero, one, two, three, four, five, six, seven, eight, nine]

  private static let zero: [[Stroke]] = [
    // Closed at the top.
    [
      Stroke(
        .smooth(3, 0), .smooth(0.9, 1.8), .smooth(0.3, 5), .smooth(1, 8.3), .smooth(3, 10), .smooth(5, 8.3),
        .smooth(5.7, 5),
        .smooth(5.1, 1.8), .smooth(3, 0))
    ],
    // Narrow, its ends crossing.
    [
      Stroke(
        .smooth(3.9, 0.3), .smooth(2.2, 0.5), .smooth(1.1, 3), .smooth(1.1, 7), .smooth(2.6, 9.9), .smooth(4.3, 8.5),
        .smooth(4.9, 4.6), .smooth(4.2, 1.3), .smooth(2.7, 0.2))
    ],
    // Round.
    [
      Stroke(
        .smooth(4.4, 1.6), .smooth(2.8, 1), .smooth(0.4, 3.2), .smooth(0.2, 6.6), .smooth(2.6, 9.2), .smooth(5.4, 7.8),
        .smooth(6, 4.6), .smooth(4.9, 2), .smooth(3.6, 1))
    ],
  ]

  private static let one: [[Stroke]] = [
    [Stroke(.corner(3, 0), .corner(3, 10))],
    // With an upstroke.
    [Stroke(.corner(1.3, 2.4), .corner(3.3, 0), .corner(3.2, 10))],
    // With an upstroke and a foot.
    [Stroke(.corner(1.4, 2), .corner(3.2, 0), .corner(3.1, 9.8)), Stroke(.corner(1.1, 9.9), .corner(5.1, 9.8))],
  ]

  private static let two: [[Stroke]] = [
    // With a sharp foot.
    [
      Stroke(
        .smooth(0.7, 2.4), .smooth(1.5, 0.6), .smooth(3.3, 0), .smooth(5.1, 1.3), .smooth(4.9, 3.6), .smooth(2.9, 6.8),
        .corner(0.5, 9.8), .corner(5.7, 9.7))
    ],
    // With a loop at the foot.
    [
      Stroke(
        .smooth(0.8, 1.9), .smooth(2, 0.3), .smooth(4, 0.2), .smooth(5.2, 2), .smooth(4.3, 4.8), .smooth(2.4, 8),
        .smooth(1, 9.4), .smooth(0.3, 8.5), .smooth(1.4, 7.7), .smooth(3.4, 9.1), .smooth(5.9, 9.3))
    ],
    // Round, with a curved foot.
    [
      Stroke(
        .smooth(0.9, 1.4), .smooth(2.8, 0.1), .smooth(5, 1), .smooth(4.8, 3.7), .smooth(2.4, 6.2), .corner(0.4, 9.3),
        .smooth(2.4, 8.9), .smooth(4.2, 9.7), .smooth(5.8, 9))
    ],
  ]

  private static let three: [[Stroke]] = [
    // Two bowls.
    [
      Stroke(
        .smooth(0.8, 1.4), .smooth(2.6, 0), .smooth(4.8, 1.1), .smooth(4.6, 3.4), .corner(2.4, 4.6), .smooth(4.9, 5.7),
        .smooth(5.3, 8.2), .smooth(3.2, 10), .smooth(0.5, 8.7))
    ],
    // With a straight top.
    [
      Stroke(
        .corner(0.7, 0.3), .corner(5.1, 0.2), .corner(2.6, 3.9), .smooth(4.8, 4.9), .smooth(5.2, 7.8), .smooth(3, 9.9),
        .smooth(0.5, 8.9))
    ],
    // With a loop in the middle.
    [
      Stroke(
        .smooth(1, 0.9), .smooth(3, 0), .smooth(4.9, 1.3), .smooth(4, 3.7), .smooth(2.2, 4.9), .smooth(2, 4.2),
        .smooth(4, 5), .smooth(5.1, 7.2), .smooth(4, 9.6), .smooth(1.8, 9.8), .smooth(0.6, 8.6))
    ],
  ]

  private static let four: [[Stroke]] = [
    // Open.
    [Stroke(.corner(1.4, 0.2), .corner(0.6, 5.7), .corner(5.6, 5.5)), Stroke(.corner(4.4, 1.8), .corner(4.1, 10))],
    // Closed, in one movement.
    [Stroke(.corner(4.2, 10), .corner(4.3, 0), .corner(0.3, 6.7), .corner(5.8, 6.6))],
    // Open and round.
    [
      Stroke(.smooth(0.8, 0.3), .smooth(0.6, 3.4), .smooth(1.9, 5.4), .smooth(4.7, 4.6)),
      Stroke(.corner(5, 0.1), .smooth(4.7, 4.6), .smooth(4.5, 10)),
    ],
    // Closed, with a short stem.
    [Stroke(.corner(3.6, 0.2), .corner(0.4, 5.4), .corner(5.7, 5.3)), Stroke(.corner(3.9, 2.9), .corner(3.7, 9.8))],
  ]

  private static let five: [[Stroke]] = [
    // In one movement.
    [
      Stroke(
        .corner(5.2, 0.2), .corner(1.4, 0.2), .corner(1.1, 4.4), .smooth(3.3, 3.7), .smooth(5.2, 5.4), .smooth(5, 8.4),
        .smooth(2.8, 10), .smooth(0.5, 8.8))
    ],
    // The bar last, and apart.
    [
      Stroke(
        .corner(1.6, 0.9), .corner(1.2, 4.6), .smooth(3.6, 4.2), .smooth(4.9, 6.4), .smooth(4.1, 9.2), .smooth(1.8, 10),
        .smooth(0.4, 9.3)), Stroke(.corner(1.8, 0.6), .corner(5.6, 0.1)),
    ],
    // Without corners.
    [
      Stroke(
        .smooth(5.3, 0.4), .smooth(2.8, 0.4), .smooth(1.4, 2), .smooth(2.1, 4), .smooth(4.2, 5.3), .smooth(5, 7.4),
        .smooth(3.6, 9.6), .smooth(0.7, 9.5))
    ],
  ]

  private static let six: [[Stroke]] = [
    // Curved.
    [
      Stroke(
        .smooth(4.7, 0.3), .smooth(2.3, 1.8), .smooth(0.7, 5.4), .smooth(1, 8.6), .smooth(3, 10), .smooth(5.1, 8.7),
        .smooth(4.9, 6.2), .smooth(3, 5.1), .smooth(0.9, 6.9))
    ],
    // Straight, with a small loop.
    [
      Stroke(
        .smooth(3.7, 0), .smooth(2.1, 2.8), .smooth(0.9, 6.3), .smooth(1.2, 9), .smooth(3.2, 9.9), .smooth(4.7, 8.4),
        .smooth(3.7, 6.9), .smooth(1.4, 8.2))
    ],
    // Upright, with a wide loop.
    [
      Stroke(
        .smooth(1.5, 0), .smooth(0.8, 4), .smooth(0.9, 8), .smooth(2.8, 9.9), .smooth(5.3, 8.4), .smooth(5, 5.6),
        .smooth(2.8, 4.9), .smooth(0.9, 6.6))
    ],
  ]

  private static let seven: [[Stroke]] = [
    [Stroke(.corner(0.6, 0.4), .corner(5.4, 0.2), .smooth(3.7, 4.6), .smooth(2.5, 10))],
    // With a bar.
    [
      Stroke(.corner(0.6, 0.3), .corner(5.5, 0.3), .smooth(3.9, 4.4), .smooth(2.2, 10)),
      Stroke(.corner(1.6, 5.2), .corner(5.1, 4.8)),
    ],
    // With a serif.
    [Stroke(.corner(0.6, 2), .corner(0.7, 0.4), .corner(5.4, 0.4), .smooth(4.4, 3.4), .smooth(3.4, 9.9))],
  ]

  private static let eight: [[Stroke]] = [
    // In one movement.
    [
      Stroke(
        .smooth(4.9, 1.5), .smooth(3, 0), .smooth(1.1, 1.6), .smooth(2, 3.9), .smooth(4.3, 5.9), .smooth(5.1, 8.1),
        .smooth(3, 10), .smooth(0.9, 8.1), .smooth(1.8, 5.9), .smooth(4.2, 3.8), .smooth(4.9, 1.5))
    ],
    // Two circles.
    [
      Stroke(
        .smooth(3, 0), .smooth(1.2, 1.1), .smooth(1.3, 3.5), .smooth(3, 4.6), .smooth(4.7, 3.5), .smooth(4.8, 1.1),
        .smooth(3, 0)),
      Stroke(
        .smooth(3, 4.6), .smooth(0.9, 5.9), .smooth(0.8, 8.6), .smooth(3, 10), .smooth(5.2, 8.6), .smooth(5.1, 5.9),
        .smooth(3, 4.6)),
    ],
    // Begun at the top right, left open.
    [
      Stroke(
        .smooth(5.2, 0.8), .smooth(2.8, 0.2), .smooth(1.2, 2), .smooth(2.6, 4.4), .smooth(4.6, 6.6), .smooth(4.4, 9.2),
        .smooth(2.2, 9.9), .smooth(1.1, 7.8), .smooth(2.8, 4.9), .smooth(4.9, 1.8))
    ],
  ]

  private static let nine: [[Stroke]] = [
    // With a straight tail.
    [
      Stroke(
        .smooth(4.9, 1.7), .smooth(3, 0), .smooth(1, 1.6), .smooth(1, 4), .smooth(2.8, 5.1), .smooth(4.6, 3.8),
        .corner(4.9, 1.5), .corner(4.5, 10))
    ],
    // With a curved tail.
    [
      Stroke(
        .smooth(4.8, 2), .smooth(3.2, 0.1), .smooth(1, 1.3), .smooth(0.9, 3.7), .smooth(2.7, 4.9), .smooth(4.6, 3.4),
        .corner(4.9, 1.6), .smooth(5.2, 5.6), .smooth(4.3, 9), .smooth(2.4, 10), .smooth(0.8, 9.2))
    ],
    // With a small loop and a slanted tail.
    [
      Stroke(
        .smooth(5, 1.1), .smooth(3.2, 0.2), .smooth(1.7, 1.8), .smooth(2.2, 3.8), .smooth(3.9, 3.7), .corner(5.1, 1),
        .smooth(4.1, 5.6), .smooth(3, 10))
    ],
  ]
}
