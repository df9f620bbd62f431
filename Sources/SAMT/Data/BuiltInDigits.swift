import Dispatch

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

/// The drawing of digits: figures made of strokes, and the random distortions that make them a task.
enum BuiltInDigits {
  static let side = 28
  static let pixels = side * side
  static let classCount = 10

  /// Which of two disjoint sets of examples.
  enum Split: UInt64 {
    case training, test
  }

  /// What a stream of random numbers is for; the high bits of its number, so that no two uses share one.
  private enum Purpose: UInt64 {
    case labels = 0xd160, images
  }

  private static func generator(_ purpose: Purpose, _ split: Split, index: Int, seed: UInt64) -> Generator {
    Generator(seed: seed, stream: purpose.rawValue << 48 | split.rawValue << 40 | UInt64(index))
  }

  /// The first `count` examples of `split`, drawn by at most `workers` threads.
  static func draw(_ count: Int, of split: Split, seed: UInt64, workers: Int = Threads.count) -> Dataset {
    ensure(count >= 0, "\(count) examples")
    let labels = labels(count, of: split, seed: seed)
    var inputs = Tensor(zeros: [count, 1, side, side])
    inputs.withMutablePointer { first in
      // Each worker writes its own images.
      nonisolated(unsafe) let first = first
      DispatchQueue.concurrentPerform(iterations: workers) { worker in
        var painter = Painter()
        for i in count * worker / workers..<count * (worker + 1) / workers {
          var generator = generator(.images, split, index: i, seed: seed)
          painter.paint(Int(labels[i]), using: &generator, into: first + i * pixels)
        }
      }
    }
    return Dataset(inputs: inputs, labels: labels, classCount: classCount)
  }

  /// Ten at a time, each ten in their own random order: balanced however many are taken.
  private static func labels(_ count: Int, of split: Split, seed: UInt64) -> [Int32] {
    var labels: [Int32] = []
    labels.reserveCapacity(count + classCount)
    while labels.count < count {
      var generator = generator(.labels, split, index: labels.count / classCount, seed: seed)
      var block = Array(0..<Int32(classCount))
      generator.shuffle(&block)
      labels += block
    }
    return Array(labels.prefix(count))
  }
}
