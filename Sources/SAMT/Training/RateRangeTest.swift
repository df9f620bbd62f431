import Foundation

/// Finds a learning rate: one short training whose rate grows from minibatch to minibatch (Smith 2017).
///
/// Rates grow by a constant factor. While they are too small the loss hardly moves, then it falls, and where they are too
/// large it rises. The rate to use is where the smoothed loss falls fastest over the logarithm of the rate.
///
/// The model is trained meanwhile: take a fresh one, and throw it away.
public struct RateRangeTest: Sendable {
  /// One minibatch.
  public struct Point: Sendable, Equatable {
    /// The rate of its update.
    public var rate: Double
    /// Its loss before that.
    public var loss: Double
    /// An exponential average of the losses so far, without the bias towards its beginning.
    public var smoothedLoss: Double
  }

  /// What came of a test.
  public struct Result: Sendable, Equatable {
    /// The minibatches, in their order; fewer than asked for where the loss exploded.
    public var points: [Point]

    /// The rate at which the smoothed loss falls fastest, up to its minimum; nil where it does not fall.
    public var suggestion: Double? {
      guard let lowest = points.indices.min(by: { points[$0].smoothedLoss < points[$1].smoothedLoss }), lowest >= 2
      else { return nil }
      func slope(_ index: Int) -> Double { points[index + 1].smoothedLoss - points[index - 1].smoothedLoss }
      guard let steepest = (1..<lowest).min(by: { slope($0) < slope($1) }), slope(steepest) < 0 else { return nil }
      return points[steepest].rate
    }
  }

  /// The first and the last rate.
  public let rates: ClosedRange<Double>
  /// How many minibatches there are.
  public let steps: Int
  /// How much of the average stays with each minibatch.
  public let smoothing: Double

  /// A test.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` unless rates are positive and finite and the last above the first, there
  ///   are at least 3 steps, and the smoothing is at least 0 and below 1.
  public init(rates: ClosedRange<Double>, steps: Int, smoothing: Double = 0.9) throws(SAMTError) {
    guard rates.lowerBound > 0, rates.upperBound.isFinite, rates.lowerBound < rates.upperBound else {
      throw .configuration("the rates of a range test must be positive and grow, found \(rates)")
    }
    guard steps >= 3 else { throw .configuration("a range test needs at least 3 steps, found \(steps)") }
    guard (0..<1).contains(smoothing) else {
      throw .configuration("the smoothing of a range test must be at least 0 and below 1, found \(smoothing)")
    }
    (self.rates, self.steps, self.smoothing) = (rates, steps, smoothing)
  }

  /// The factor on the first rate at a step, counted from 0.
  public var schedule: Schedule {
    let growth = log(rates.upperBound / rates.lowerBound) / Double(steps - 1)
    return Schedule { step in Float(exp(growth * Double(step))) }
  }

  /// Trains `model` by `optimizer`, whose learning rate becomes the first rate.
  ///
  /// It ends early where the smoothed loss is no number or four times the lowest.
  ///
  /// - Throws: ``SAMTError`` where examples, model, optimizer and loss do not fit each other.
  public func run(
    _ optimizer: any Optimizer, clipping: GradientClipping? = nil, model: Model, loss: any Loss, data: Dataset,
    batchSize: Int, seed: UInt64 = 0
  ) throws(SAMTError) -> Result {
    try data.check(for: model, loss: loss, metrics: [], name: "training")
    let pipeline = try BatchPipeline(for: data, batchSize: batchSize, dropsLast: data.count >= batchSize, seed: seed)
    guard pipeline.stepsPerEpoch > 0 else { throw .configuration("the training data is empty") }
    let size = min(batchSize, data.count)
    if let problem = model.graph.trainingProblem(batchSize: size) { throw .configuration(problem) }
    optimizer.learningRate = Float(rates.lowerBound)
    let algorithm = Backpropagation(optimizer, schedule: schedule, clipping: clipping)
    let epochs = (steps + pipeline.stepsPerEpoch - 1) / pipeline.stepsPerEpoch
    try algorithm.begin(
      TrainingPlan(epochs: epochs, stepsPerEpoch: pipeline.stepsPerEpoch, batchSize: size), for: model)
    let executor = ModelExecutor(for: model, batchSize: size)
    var recorder = Recorder(smoothing: smoothing)
    for epoch in 1...epochs where !recorder.isOver && recorder.points.count < steps {
      pipeline.forEachBatch(epoch: epoch) { batch in
        let step = recorder.points.count
        let report = algorithm.step(batch, in: executor, loss: loss)
        recorder.add(rate: rates.lowerBound * Double(algorithm.schedule(step)), loss: report.loss)
        return !recorder.isOver && step + 1 < steps
      }
      executor.unload()
    }
    return Result(points: recorder.points)
  }

  /// The points so far, and whether the loss has exploded.
  struct Recorder {
    let smoothing: Double
    private(set) var points: [Point] = []
    private(set) var isOver = false
    private var average = 0.0
    private var lowest = Double.infinity

    init(smoothing: Double) { self.smoothing = smoothing }

    mutating func add(rate: Double, loss: Double) {
      average = smoothing * average + (1 - smoothing) * loss
      let smoothed = average / (1 - pow(smoothing, Double(points.count + 1)))
      guard smoothed.isFinite else {
        isOver = true
        return
      }
      points.append(Point(rate: rate, loss: loss, smoothedLoss: smoothed))
      lowest = min(lowest, smoothed)
      isOver = smoothed > 4 * lowest
    }
  }
}
