import CKernels

/// The moments of a set of numbers, mergeable, from which SAMT's five gradient statistics follow.
///
/// A NaN in the set makes every statistic NaN. Infinities give what IEEE sums give: an infinite mean (NaN where both
/// signs occur), a NaN variance, themselves as maximum or minimum, an infinite norm.
public struct Moments: Sendable {
  /// Its layout is the C kernels', which write arrays of moments.
  private var partial = ck_moments_empty()

  /// The moments of no numbers: count 0, mean and variance 0, maximum -infinity, minimum infinity.
  public init() {}

  /// The moments of a tensor's elements, in one pass over memory and double precision between blocks.
  public init(of tensor: Tensor) { partial = tensor.withPointer { ck_moments_of(Kernels.table, tensor.count, $0) } }

  /// Merges in the moments of another set (Chan, Golub and LeVeque 1979).
  public mutating func merge(_ other: Moments) { partial = ck_moments_merge(partial, other.partial) }

  /// How many numbers.
  public var count: Int { Int(partial.count) }
  /// The arithmetic mean.
  public var mean: Double { partial.mean }
  /// The population variance: the mean of (x - mean)^2.
  public var variance: Double { partial.count == 0 ? 0 : partial.m2 / partial.count }
  /// The largest number.
  public var maximum: Double { Double(partial.maximum) }
  /// The smallest number.
  public var minimum: Double { Double(partial.minimum) }
  /// The sum of squares.
  public var sumOfSquares: Double { partial.sum_squares }
  /// The root of the sum of squares.
  public var norm: Double { partial.sum_squares.squareRoot() }
}
