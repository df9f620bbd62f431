import SAMT

/// A tensor's elements as bit patterns: equality of these is equality of bits, NaN and -0 included.
package func bits(_ tensor: Tensor) -> [UInt32] { tensor.elements.map(\.bitPattern) }

/// All parameters' elements as bit patterns.
package func bits(_ model: Model) -> [[UInt32]] { model.parameters.map { bits($0.value) } }

/// The bits of all parameters' gradients.
package func gradientBits(_ model: Model) -> [[UInt32]] { model.parameters.map { bits($0.gradient) } }

/// Where two models' parameters first differ in a bit, or nil where they are the same.
package func firstDifference(_ a: Model, _ b: Model) -> String? {
  guard a.parameters.count == b.parameters.count else {
    return "\(a.parameters.count), \(b.parameters.count) parameters"
  }
  for index in a.parameters.indices {
    let (first, second) = (a.parameters[index].value, b.parameters[index].value)
    guard first.shape == second.shape else { return "parameter \(index): shapes \(first.shape), \(second.shape)" }
    if let place = firstDifference(first, second) { return "parameter \(index) \(place)" }
  }
  return nil
}

/// Where two tensors first differ in a bit, or nil where they are the same.
package func firstDifference(_ a: Tensor, _ b: Tensor) -> String? {
  guard a.count == b.count else { return "\(a.count), \(b.count) elements" }
  let (first, second) = (bits(a), bits(b))
  guard let index = first.indices.first(where: { first[$0] != second[$0] }) else { return nil }
  return "element \(index): \(Float(bitPattern: first[index])), \(Float(bitPattern: second[index]))"
}
