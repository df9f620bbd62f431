/// What a block's step size is measured in: the step is W -= s f unit D.
public struct StepUnit: Sendable {
  private let unit: @Sendable (_ weightRMS: Double, _ directionRMS: Double) -> Double

  /// A unit of your own, of the root mean squares of the block's first values and of its direction now.
  public init(_ unit: @escaping @Sendable (_ weightRMS: Double, _ directionRMS: Double) -> Double) { self.unit = unit }

  /// The unit where the block's first values and its direction have these root mean squares.
  public func callAsFunction(weightRMS: Double, directionRMS: Double) -> Double { unit(weightRMS, directionRMS) }

  /// A step of size 1 is as large as the block's first values, whatever the direction's size; 0 where that is 0.
  public static let relative = StepUnit { weights, direction in direction == 0 ? 0 : weights / direction }

  /// The direction's own size.
  public static let absolute = StepUnit { _, _ in 1 }
}
