/// A tensor with one snapshot of it, taken without a copy: the first change after a snapshot writes elsewhere, and both
/// swap their places.
struct RestorableTensor {
  /// The value now.
  private(set) var value: Tensor
  /// What is restored; before the first change after a snapshot, whatever was there.
  private(set) var held: Tensor
  /// Whether the value is still that of the snapshot.
  private(set) var isHeld = false

  /// Zeros.
  init(zeros shape: Shape) {
    value = Tensor(zeros: shape)
    held = Tensor(zeros: shape)
  }

  /// Holds the value for ``restore()``.
  mutating func takeSnapshot() { isHeld = true }

  /// Goes back to the last snapshot.
  mutating func restore() {
    if !isHeld { swap(&value, &held) }
    isHeld = true
  }

  /// Both values, and which one is the snapshot's.
  mutating func visitState(_ visitor: StateVisitor) {
    visitor.visit("value", &value)
    visitor.visit("held", &held)
    visitor.visit("isHeld", &isHeld)
  }

  /// Changes the value: by `inPlace`, or by `apart` from the value into another tensor, both with the same bits.
  mutating func change<R>(
    inPlace: (inout Tensor) -> R, apart: (_ from: Tensor, _ next: inout Tensor) -> R
  ) -> R {
    guard isHeld else { return inPlace(&value) }
    isHeld = false
    let result = apart(value, &held)
    swap(&value, &held)
    return result
  }

  /// Changes two values at once that have their snapshots together.
  static func change<R>(
    _ first: inout RestorableTensor, _ second: inout RestorableTensor,
    inPlace: (inout Tensor, inout Tensor) -> R,
    apart: (_ first: Tensor, _ second: Tensor, _ nextFirst: inout Tensor, _ nextSecond: inout Tensor) -> R
  ) -> R {
    guard first.isHeld else { return inPlace(&first.value, &second.value) }
    first.isHeld = false
    second.isHeld = false
    let result = apart(first.value, second.value, &first.held, &second.held)
    swap(&first.value, &first.held)
    swap(&second.value, &second.held)
    return result
  }
}
