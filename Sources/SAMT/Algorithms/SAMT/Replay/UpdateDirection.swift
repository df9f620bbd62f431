/// The direction D in which one parameter moves, W -= a D, made of its gradients so far.
///
/// What it remembers of them can be set back by one snapshot, which costs no copy: the next call of
/// ``advance(_:into:)`` leaves the old values where they are and writes the new ones elsewhere.
public protocol UpdateDirection: Stateful {
  /// Takes the gradient in and writes the direction, of as many elements; returns the sum of its squares.
  func advance(_ gradient: Tensor, into direction: inout Tensor) -> Double

  /// Holds what is remembered now for ``restore()``, in place of what was held before.
  func takeSnapshot()

  /// Goes back to the last snapshot.
  func restore()
}

/// Which direction each parameter takes.
public struct DirectionRule: Sendable {
  private let make: @Sendable (Parameter) throws(SAMTError) -> any UpdateDirection

  /// A rule of your own.
  public init(_ make: @escaping @Sendable (Parameter) throws(SAMTError) -> any UpdateDirection) { self.make = make }

  /// A direction for the parameter, with nothing remembered yet.
  public func callAsFunction(_ parameter: Parameter) throws(SAMTError) -> any UpdateDirection { try make(parameter) }

  /// ``OrthogonalizedDirection`` for the kernels of convolutions, ``NAdamDirection`` for everything else.
  public static let orthogonalizedConvolutions = DirectionRule { parameter throws(SAMTError) in
    if parameter.shape.rank == 4 {
      try OrthogonalizedDirection(for: parameter.shape)
    } else {
      try NAdamDirection(for: parameter.shape)
    }
  }

  /// ``NAdamDirection`` for every parameter.
  public static let nadam = DirectionRule { parameter throws(SAMTError) in
    try NAdamDirection(for: parameter.shape)
  }
}
