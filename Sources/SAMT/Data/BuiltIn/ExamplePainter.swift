/// Draws the examples of a built-in data set, one after the other, reusing its scratch memory.
protocol ExamplePainter: Sendable {
  static var exampleShape: Shape { get }
  static var classCount: Int { get }
  /// The data set's number among streams of random numbers (see ``RandomStream``); even.
  static var streams: UInt64 { get }

  init()

  /// Overwrites `image` with a random example of class `label`.
  mutating func paint(_ label: Int, using generator: inout Generator, into image: UnsafeMutablePointer<Float>)
}

/// Which of two disjoint sets of examples.
enum Split: UInt64 {
  case training, test
}

extension ExamplePainter {
  /// The first `count` examples of `split`, drawn by at most `workers` threads.
  static func draw(_ count: Int, of split: Split, seed: UInt64, workers: Int = Threads.count) -> Dataset {
    ensure(count >= 0, "\(count) examples")
    let labels = labels(count, of: split, seed: seed)
    var inputs = Tensor(zeros: exampleShape.batched(count))
    let size = exampleShape.count
    inputs.withMutablePointer { first in
      // Each worker writes its own images.
      nonisolated(unsafe) let first = first
      runConcurrently(workers) { worker in
        var painter = Self()
        for i in count * worker / workers..<count * (worker + 1) / workers {
          var generator = Generator(seed: seed, for: .builtInImage(streams, split, index: i))
          painter.paint(Int(labels[i]), using: &generator, into: first + i * size)
        }
      }
    }
    return Dataset(inputs: inputs, labels: labels, classCount: classCount)
  }

  /// As many at a time as there are classes, each time in a random order: balanced however many are taken.
  private static func labels(_ count: Int, of split: Split, seed: UInt64) -> [Int32] {
    var labels: [Int32] = []
    labels.reserveCapacity(count + classCount)
    while labels.count < count {
      var generator = Generator(seed: seed, for: .builtInLabels(streams, split, block: labels.count / classCount))
      var block = Array(0..<Int32(classCount))
      generator.shuffle(&block)
      labels += block
    }
    return Array(labels.prefix(count))
  }
}
