/// A layer that looks at the windows of each channel of an image.
public protocol PoolingLayer: StorableLayer where Saved == Void, Settings == Pooling2D {
  /// The windows.
  var geometry: Pooling2D { get }
}

extension PoolingLayer {
  /// The windows.
  public var settings: Pooling2D { geometry }

  /// [batch, channels, output height, output width].
  public func outputShape(for input: Shape) throws(SAMTError) -> Shape {
    guard input.rank == 4, let size = geometry.outputSize(of: Size2D(input[2], input[3])) else {
      let fit = "at least \(geometry.kernelSize) with padding \(geometry.padding)"
      throw .shape(layer: name, expected: "[*, channels, height, width] of \(fit)", found: input)
    }
    return [input[0], input[1], size.height, size.width]
  }
}

/// The largest element of each window, NaN where there is one; padding is never the largest.
///
/// The gradient goes to the first largest element of a window, from left to right and from top to bottom.
public final class MaxPool2d: PoolingLayer {
  /// `maxPool2d`.
  public static let typeName = "maxPool2d"
  /// The layer's name, `maxPool` unless given.
  public let name: String
  /// The windows.
  public let geometry: Pooling2D

  /// A layer with windows of the given size, side by side without a stride.
  ///
  /// - Precondition: a geometry that ``Pooling2D`` takes.
  public convenience init(
    kernelSize: Size2D, stride: Size2D? = nil, padding: Size2D = 0, name: String = "maxPool"
  ) {
    self.init(Pooling2D(kernelSize: kernelSize, stride: stride, padding: padding), name: name)
  }

  /// A layer with the given windows.
  public init(_ geometry: Pooling2D, name: String) {
    self.name = name
    self.geometry = geometry
  }

  /// y = the largest of each window.
  public func forward(_ input: Tensor, into output: inout Tensor, saved: inout Void, mode: Mode) {
    Kernels.maxPool(input, into: &output, geometry)
  }

  /// dx = dy where the largest element stands.
  public func inputGradient(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, saved: inout Void,
    into inputGradient: inout Tensor
  ) {
    Kernels.maxPoolGradient(outputGradient, at: input, output: output, into: &inputGradient, geometry)
  }
}

/// The mean of each window, padding counted as zeros.
public final class AvgPool2d: PoolingLayer {
  /// `avgPool2d`.
  public static let typeName = "avgPool2d"
  /// The layer's name, `avgPool` unless given.
  public let name: String
  /// The windows.
  public let geometry: Pooling2D

  /// A layer with windows of the given size, side by side without a stride.
  ///
  /// - Precondition: a geometry that ``Pooling2D`` takes.
  public convenience init(
    kernelSize: Size2D, stride: Size2D? = nil, padding: Size2D = 0, name: String = "avgPool"
  ) {
    self.init(Pooling2D(kernelSize: kernelSize, stride: stride, padding: padding), name: name)
  }

  /// A layer with the given windows.
  public init(_ geometry: Pooling2D, name: String) {
    self.name = name
    self.geometry = geometry
  }

  /// y = the mean of each window.
  public func forward(_ input: Tensor, into output: inout Tensor, saved: inout Void, mode: Mode) {
    Kernels.averagePool(input, into: &output, geometry)
  }

  /// dx = dy, shared out equally over each window.
  public func inputGradient(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, saved: inout Void,
    into inputGradient: inout Tensor
  ) {
    Kernels.averagePoolGradient(outputGradient, into: &inputGradient, geometry)
  }
}

/// The mean of each channel: [batch, channels, ...] becomes [batch, channels] (Lin, Chen and Yan 2014).
public final class GlobalAveragePool: StorableLayer {
  /// `globalAveragePool`.
  public static let typeName = "globalAveragePool"
  /// The layer's name, `globalAveragePool` unless given.
  public let name: String

  /// A layer that averages.
  public convenience init(name: String = "globalAveragePool") { self.init(NoSettings(), name: name) }

  /// A layer that averages; there is nothing to set.
  public init(_ settings: NoSettings, name: String) { self.name = name }

  /// [batch, channels].
  public func outputShape(for input: Shape) throws(SAMTError) -> Shape {
    guard input.rank >= 3, input.count > 0 else {
      throw .shape(layer: name, expected: "[*, channels, ...]", found: input)
    }
    return [input[0], input[1]]
  }

  /// y = the mean of each channel.
  public func forward(_ input: Tensor, into output: inout Tensor, saved: inout Void, mode: Mode) {
    Kernels.meanPlanes(of: input, into: &output)
  }

  /// dx = dy over the number of elements in a channel.
  public func inputGradient(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, saved: inout Void,
    into inputGradient: inout Tensor
  ) {
    let share = Float(output.count) / Float(input.count)
    Kernels.fillPlanes(&inputGradient, with: outputGradient, scaledBy: share)
  }
}
