/// A layer that a model file can describe, so that the model can be built again from the file alone.
///
/// All layers of the library are. One of your own becomes one by settings that can be encoded, and is handed to
/// ``Model/init(contentsOf:access:layerTypes:)`` by its type.
public protocol StorableLayer: Layer {
  /// What makes one layer differ from another of its type, besides its name and its parameters.
  associatedtype Settings: LayerSettings = NoSettings

  /// What a file calls the type: `linear`.
  static var typeName: String { get }

  /// The layer's settings.
  var settings: Settings { get }

  /// A layer of settings that were validated.
  init(_ settings: Settings, name: String)
}

/// The settings of a layer, as a model file holds them.
public protocol LayerSettings: Codable, Sendable, Equatable {
  /// What is wrong with the settings; nil where a layer can be made of them.
  var problem: String? { get }
}

/// The settings of a layer that has none.
public struct NoSettings: LayerSettings {
  /// No settings.
  public init() {}
  /// Nil.
  public var problem: String? { nil }
}

extension StorableLayer where Settings == NoSettings {
  /// None.
  public var settings: NoSettings { NoSettings() }
}

/// Whether lengths and counts are at least `least`, and so small that a product of two of them can be represented.
func areLengths(_ lengths: [Int], least: Int = 1) -> Bool { lengths.allSatisfy { $0 >= least && $0 <= Int(Int32.max) } }

/// Whether both lengths of a size are such; allocates nothing.
func areLengths(_ size: Size2D, least: Int = 1) -> Bool {
  min(size.height, size.width) >= least && max(size.height, size.width) <= Int(Int32.max)
}

/// Traps unless settings are without a problem: what is made in code is a programmer's error.
func requireSettings(_ settings: some LayerSettings, _ name: String) {
  if let problem = settings.problem { ensure(false, "\(name): \(problem)") }
}
