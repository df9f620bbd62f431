import CKernels

extension Kernels {
  /// The mean over rows of -log softmax(logits)[label], and in the same pass its gradient.
  ///
  /// - Parameters:
  ///   - logits: (rows, classes), any finite values.
  ///   - labels: one per row, each 0 ..< classes.
  ///   - gradient: (rows, classes): (softmax - one-hot) / rows.
  public static func softmaxCrossEntropy(logits: Tensor, labels: ArraySlice<Int32>, gradient: inout Tensor) -> Double {
    let (rows, columns) = checkLabels(logits, labels)
    require(gradient.shape, logits.shape, "cross-entropy gradient")
    return logits.withPointer { x in
      labels.withUnsafeBufferPointer { labels in
        gradient.withMutablePointer { ck_softmax_cross_entropy(table, rows, columns, x, labels.baseAddress!, $0) }
      }
    }
  }

  /// The mean of (x - target)^2 over all elements, and in the same pass its gradient 2 (x - target) / count.
  public static func meanSquaredError(_ x: Tensor, target: Tensor, gradient: inout Tensor) -> Double {
    require(target.shape, x.shape, "targets")
    require(gradient.shape, x.shape, "squared error gradient")
    ensure(x.count > 0, "the mean over no elements")
    return x.withPointer { a in
      target.withPointer { b in gradient.withMutablePointer { ck_mean_squared_error(table, x.count, a, b, $0) } }
    }
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
