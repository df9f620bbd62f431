extension GradientCheck {
  /// How one tensor's gradients compare.
  public struct TensorResult: Sendable, Equatable {
    /// `input`, `predictions`, or the parameter's name, behind its layer's in a model.
    public var name: String
    /// |a - n| / max(|a|, |n|, floor), the L2 norms of the analytic and numeric gradients over the compared entries.
    ///
    /// The floor is a thousand times what rounding does to the numeric gradient: below it, a gradient cannot be told
    /// from 0 to three digits. Infinite where the analytic gradient has an entry that is not finite.
    public var relativeError: Double
    /// How many entries were compared.
    public var entries: Int
    /// The coordinates of the entry that is furthest off.
    public var worstIndex: [Int]
    /// The analytic gradient there.
    public var analytic: Double
    /// The numeric gradient there.
    public var numeric: Double
    /// Whether all compared gradients, analytic and numeric, are exactly 0, so that nothing was checked.
    public var isVacuous: Bool
  }

  /// How all gradients compare.
  public struct Result: Sendable, Equatable, CustomStringConvertible {
    /// The input first, then the parameters in their order.
    public var tensors: [TensorResult]

    /// The tensor with the largest relative error.
    public var worst: TensorResult {
      var worst = tensors[0]
      // Written so that a NaN is worse than any number.
      for tensor in tensors where !(tensor.relativeError <= worst.relativeError) { worst = tensor }
      return worst
    }

    /// Whether every tensor's relative error is at most `tolerance`, and none was all zeros.
    ///
    /// The default is a hundred times what rounding explains, and a tenth of the smallest mistake worth the name: a
    /// factor 1.01.
    public func passes(tolerance: Double = 1e-3) -> Bool {
      tensors.allSatisfy { $0.relativeError <= tolerance && !$0.isVacuous }
    }

    /// The worst entry with its coordinates, and every tensor's relative error.
    public var description: String {
      let worst = worst
      let head =
        "worst: \(worst.name)\(worst.worstIndex), analytic \(worst.analytic), numeric \(worst.numeric); relative errors:"
      return tensors.reduce(head) { text, tensor in
        text + " \(tensor.name) " + (tensor.isVacuous ? "(all zero)" : "\(tensor.relativeError)")
      }
    }
  }
}
