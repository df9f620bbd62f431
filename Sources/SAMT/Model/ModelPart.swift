/// What a model is written with: a layer, or a container of further parts.
public enum ModelPart {
  /// One layer.
  case layer(any Layer)
  /// Parts of which each takes the one before it.
  case sequential(Sequential)
  /// Parts with a way around them.
  case residual(Residual)

  /// The name given, where one was.
  var name: String? {
    switch self {
    case .layer(let layer): layer.name
    case .sequential(let sequential): sequential.name
    case .residual(let residual): residual.name
    }
  }
}

/// Parts of a model under a common name, each of which takes the one before it.
///
///     Sequential("stage1") {
///       Conv2d(3, 16, kernelSize: 3, padding: 1)
///       ReLU()
///     }
///
/// The name begins the names of the layers in it: `stage1.conv`, `stage1.relu`.
public struct Sequential {
  /// The container's name; without one, a model gives it its number among its unnamed siblings, from 0.
  public let name: String?
  /// What it contains, from input to output.
  public let parts: [ModelPart]

  init(_ name: String?, parts: [ModelPart]) {
    self.name = name
    self.parts = parts
  }

  /// A container of the given parts.
  public init(_ name: String? = nil, @LayerBuilder parts: () -> [ModelPart]) {
    self.name = name
    self.parts = parts()
  }
}

/// A residual connection: y = body(x) + projection(x), or body(x) + x without a projection (He, Zhang, Ren and Sun 2016).
///
///     Residual("0") {
///       Conv2d(16, 32, kernelSize: 3, stride: 2, padding: 1)
///       ReLU()
///       Conv2d(32, 32, kernelSize: 3, padding: 1)
///     } projection: {
///       Conv2d(16, 32, kernelSize: 1, stride: 2)
///     }
///     ReLU()
///
/// An activation behind the sum is a layer behind the container. The name begins the names of the layers in it:
/// `0.conv1` in the body, `0.downsample.conv` in the projection, as in torchvision. The projection's layers come before
/// the body's.
public struct Residual {
  /// The container's name; without one, a model gives it its number among its unnamed siblings, from 0.
  public let name: String?
  /// The parts that the way around passes by.
  public let body: [ModelPart]
  /// What fits the input to the body's output; empty for the input itself.
  public let projection: [ModelPart]

  init(_ name: String?, body: [ModelPart], projection: [ModelPart]) {
    self.name = name
    self.body = body
    self.projection = projection
  }

  /// A sum of the body's output with its input, or with the projection's.
  public init(
    _ name: String? = nil, @LayerBuilder body: () -> [ModelPart], @LayerBuilder projection: () -> [ModelPart] = { [] }
  ) {
    self.name = name
    self.body = body()
    self.projection = projection()
  }
}
