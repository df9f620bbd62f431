/// A part of a training that has state: what it learned, and where it stands.
///
/// One traversal serves saving, loading, comparing and counting. Everything that influences what the part does next must
/// be visited; buffers that are overwritten before they are read need not be. The items' names are stable: they are the
/// names in a file.
///
///     public func visitState(_ visitor: StateVisitor) {
///       visitor.visit("steps", &steps)
///       for (index, parameter) in parameters.enumerated() {
///         visitor.visit("m.\(parameter.path)", &moments[index], shape: parameter.shape)
///       }
///     }
///
/// Parts that are structures have a mutating method of the same name and are visited inside ``StateVisitor/nested(_:_:)``.
public protocol Stateful: AnyObject {
  /// Shows each item of the state to the visitor, which reads it or writes it.
  func visitState(_ visitor: StateVisitor)
}
