import CKernels

extension Kernels {
  /// The mean softmax cross-entropy of the rows, and in the same pass its gradient; formulas at ``SoftmaxCrossEntropy``.
  ///
  /// Both are 0 where no row has a weight.
  ///
  /// - Parameters:
  ///   - logits: (rows, classes), any finite values.
  ///   - labels: one per row, each 0 ..< classes, or the ignored one.
  ///   - smoothing: the share of a row's target that all classes get alike, 0 ... 1.
  ///   - classWeights: (classes), not negative; none for ones.
  ///   - ignoredLabel: rows of this label are left out.
  ///   - gradient: (rows, classes); without settings (softmax - one-hot) / rows.
  public static func softmaxCrossEntropy(
    logits: Tensor, labels: ArraySlice<Int32>, smoothing: Float = 0, classWeights: [Float] = [],
    ignoring ignoredLabel: Int32? = nil, gradient: inout Tensor
  ) -> Double {
    let (rows, columns) = checkLabels(logits, labels, ignoring: ignoredLabel)
    require(gradient.shape, logits.shape, "cross-entropy gradient")
    ensure(classWeights.isEmpty || classWeights.count == columns, "\(classWeights.count) weights, \(columns) classes")
    return withSettings(smoothing, classWeights, ignoredLabel) { settings in
      logits.withPointer { x in
        labels.withUnsafeBufferPointer { labels in
          gradient.withMutablePointer {
            ck_softmax_cross_entropy(table, settings, rows, columns, x, labels.baseAddress!, $0)
          }
        }
      }
    }
  }

  /// The sum over the labels of their weights, without those that are ignored: what the mean cross-entropy divides by.
  ///
  /// - Precondition: labels within the weights, where there are some.
  public static func crossEntropyWeight(
    labels: ArraySlice<Int32>, classWeights: [Float] = [], ignoring ignoredLabel: Int32? = nil
  ) -> Double {
    if classWeights.isEmpty { return Double(labels.countExcept(ignoredLabel)) }
    for index in labels.indices where labels[index] != ignoredLabel {
      ensure(classWeights.indices.contains(Int(labels[index])), "label \(labels[index]), \(classWeights.count) weights")
    }
    guard !labels.isEmpty else { return 0 }
    return withSettings(0, classWeights, ignoredLabel) { settings in
      labels.withUnsafeBufferPointer { ck_cross_entropy_weight(settings, labels.count, $0.baseAddress!) }
    }
  }

  private static func withSettings(
    _ smoothing: Float, _ classWeights: [Float], _ ignoredLabel: Int32?,
    _ body: (UnsafePointer<ck_cross_entropy>) -> Double
  ) -> Double {
    classWeights.withUnsafeBufferPointer { weights in
      var settings = ck_cross_entropy(
        smoothing: smoothing, class_weights: weights.isEmpty ? nil : weights.baseAddress, ignored: ignoredLabel ?? -1)
      return body(&settings)
    }
  }

  /// The mean of (x - target)^2 over all elements, and in the same pass its gradient 2 (x - target) / count.
  public static func meanSquaredError(_ x: Tensor, target: Tensor, gradient: inout Tensor) -> Double {
    requireElementwise(x, target, gradient, "squared error gradient")
    return x.withPointer { a in
      target.withPointer { b in gradient.withMutablePointer { ck_mean_squared_error(table, x.count, a, b, $0) } }
    }
  }

  /// The mean of Huber's loss of x - target over all elements, and in the same pass its gradient; formulas at
  /// ``HuberLoss``.
  public static func huber(_ x: Tensor, target: Tensor, delta: Float, gradient: inout Tensor) -> Double {
    requireElementwise(x, target, gradient, "Huber gradient")
    ensure(delta > 0 && delta.isFinite, "a delta of \(delta)")
    return x.withPointer { a in
      target.withPointer { b in gradient.withMutablePointer { ck_huber(table, x.count, delta, a, b, $0) } }
    }
  }

  /// The mean binary cross-entropy of logits over all elements, and in the same pass its gradient.
  ///
  /// That is (sigmoid(logit) - target) / count, with targets from 0 to 1.
  public static func binaryCrossEntropy(logits: Tensor, target: Tensor, gradient: inout Tensor) -> Double {
    requireElementwise(logits, target, gradient, "binary cross-entropy gradient")
    return logits.withPointer { a in
      target.withPointer { b in
        gradient.withMutablePointer { ck_binary_cross_entropy(table, logits.count, a, b, $0) }
      }
    }
  }

  private static func requireElementwise(_ x: Tensor, _ target: Tensor, _ gradient: Tensor, _ name: StaticString) {
    require(target.shape, x.shape, "targets")
    require(gradient.shape, x.shape, name)
    ensure(x.count > 0, "the mean over no elements")
  }

  /// In how many rows the first largest logit is the label's; a row with a NaN counts as wrong.
  ///
  /// - Parameter ignoredLabel: a label outside 0 ..< columns that may stand there, too; its rows count as wrong.
  public static func countCorrect(logits: Tensor, labels: ArraySlice<Int32>, ignoring ignoredLabel: Int32? = nil) -> Int
  {
    let (rows, columns) = checkLabels(logits, labels, ignoring: ignoredLabel)
    return logits.withPointer { x in
      labels.withUnsafeBufferPointer { Int(ck_count_correct(rows, columns, x, $0.baseAddress!)) }
    }
  }

  private static func checkLabels(
    _ logits: Tensor, _ labels: ArraySlice<Int32>, ignoring ignoredLabel: Int32? = nil
  ) -> (rows: Int, columns: Int) {
    let (rows, columns) = (logits.shape[0], logits.shape.elementsPerRow)
    ensure(rows > 0 && columns > 0, "logits of shape \(logits.shape)")
    ensure(labels.count == rows, "\(labels.count) labels for logits of shape \(logits.shape)")
    for index in labels.indices {
      let label = labels[index]
      ensure(
        label >= 0 && Int(label) < columns || label == ignoredLabel,
        "label \(label) for logits of shape \(logits.shape)")
    }
    return (rows, columns)
  }
}
