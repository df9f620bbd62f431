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
  public static let orthogonalizedConvolutions = orthogonalized { $0.shape.rank == 4 }

  /// ``OrthogonalizedDirection`` for all weights with two axes or more, ``NAdamDirection`` for vectors.
  ///
  /// Large dense layers make a step expensive: a matrix of r rows and c >= r columns takes some 3 r^2 c + 15 r^3
  /// operations.
  public static let orthogonalizedMatrices = orthogonalized { $0.shape.rank >= 2 }

  private static func orthogonalized(where isOrthogonalized: @escaping @Sendable (Parameter) -> Bool) -> DirectionRule {
    DirectionRule { parameter throws(SAMTError) in
      if isOrthogonalized(parameter) {
        try OrthogonalizedDirection(for: parameter.shape)
      } else {
        try NAdamDirection(for: parameter.shape)
      }
    }
  }

  /// ``NAdamDirection`` for every parameter.
  public static let nadam = DirectionRule { parameter throws(SAMTError) in
    try NAdamDirection(for: parameter.shape)
  }
}
