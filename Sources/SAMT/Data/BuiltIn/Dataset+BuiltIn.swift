extension Dataset {
  /// Drawn digits: a classification task of ten classes that needs no download.
  ///
  /// Each image is one of some thirty handwriting-like figures, bent, slanted, shifted and scaled at random, drawn with
  /// a pen of random width and ink, with stray strokes, rubbed-out spots and pixel noise. Inputs are
  /// (count, 1, 28, 28) in [0, 1], light ink on a dark ground; labels are 0 ... 9, in random order and equally many of
  /// each, plus or minus one.
  ///
  /// Seed and position determine an example, so fewer examples are the beginning of more, and the number of threads
  /// changes nothing. Between machines, values can differ in the last bits, as their mathematical libraries do.
  ///
  /// - Precondition: `count` is not negative.
  public static func digits(count: Int, seed: UInt64) -> Dataset {
    BuiltInDigits.draw(count, of: .training, seed: seed)
  }

  /// Drawn digits, a training and a test set of different examples from the same distribution.
  ///
  /// The training set is that of ``digits(count:seed:)``. After ten epochs on the 20 000 examples of the standard
  /// split a linear classifier gets some 90 % of the test set right, a network of 400 hidden units 97 %.
  ///
  /// - Precondition: neither count is negative.
  public static func digits(
    training: Int = 20_000, test: Int = 4_000, seed: UInt64
  ) -> (training: Dataset, test: Dataset) {
    (
      BuiltInDigits.draw(training, of: .training, seed: seed),
      BuiltInDigits.draw(test, of: .test, seed: seed)
    )
  }
}

extension Dataset {
  /// Drawn shapes in colour: a task of ten classes for convolutional networks that needs no download.
  ///
  /// A circle, square, triangle, cross, star, heart, crescent, arrow, hourglass or drop (0 ... 9), as an outline or
  /// filled, turned, stretched, scaled, shifted and mirrored at random, lighter than most of a ground of two other
  /// colours, with stray strokes and pixel noise. Inputs are (count, 3, 32, 32) in [0, 1]; labels are in random order
  /// and equally many of each, plus or minus one. Colours say nothing about the class.
  ///
  /// Seed and position determine an example, as with ``digits(count:seed:)``.
  ///
  /// - Precondition: `count` is not negative.
  public static func shapes(count: Int, seed: UInt64) -> Dataset {
    BuiltInShapes.draw(count, of: .training, seed: seed)
  }

  /// Drawn shapes, a training and a test set of different examples from the same distribution.
  ///
  /// The training set is that of ``shapes(count:seed:)``. With the 10 000 examples of the standard split a linear
  /// classifier gets some 63 % of the test set right, a network of 400 hidden units 81 %, a convolutional network of
  /// three layers 97 %, all after a few epochs.
  ///
  /// - Precondition: neither count is negative.
  public static func shapes(
    training: Int = 10_000, test: Int = 2_000, seed: UInt64
  ) -> (training: Dataset, test: Dataset) {
    (
      BuiltInShapes.draw(training, of: .training, seed: seed),
      BuiltInShapes.draw(test, of: .test, seed: seed)
    )
  }
}
