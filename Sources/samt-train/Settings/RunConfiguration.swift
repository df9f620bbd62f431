import CommandLineOptions
import Foundation
import SAMT

/// What `config.json` holds: everything that a training's result depends on, enough to repeat it.
enum RunConfiguration {
  private static let format = "samt-train run"
  private static let version = 1

  /// The settings as the file's bytes, defaults included.
  ///
  /// Paths are absolute, so that the run can go on from another directory.
  static func json(of settings: TrainingSettings) throws(SAMTError) -> [UInt8] {
    var settings = settings
    settings.data = settings.source.absolute
    settings.batchSize = settings.methodBatchSize
    settings.dataOptions = settings.dataOptions.absolute
    settings.initialWeights = settings.initialWeights.map(absolutePath)
    let options =
      TrainingSettings.options.values(of: settings) + [("--optimizer", [settings.method.name])]
      + settings.method.values
    do {
      return try OptionsFile(format: format, version: version, options: options).json
    } catch { throw .configuration("the settings cannot be written as JSON: \(error)") }
  }

  /// The settings that the file at `path` holds in its bytes `json`.
  ///
  /// - Throws: ``SAMTError/file(path:reason:)`` where it is no such file, or an option or a value of it is unknown.
  static func settings(json: [UInt8], path: String) throws(SAMTError) -> TrainingSettings {
    do {
      return try settings(OptionsFile(json: json, format: format, version: version))
    } catch let error as UsageError {
      throw .file(path: path, reason: error.message)
    } catch {
      throw .file(path: path, reason: "\(error)")
    }
  }

  private static func settings(_ file: OptionsFile) throws(UsageError) -> TrainingSettings {
    var settings = TrainingSettings()
    var method = Method.all[0]
    var given: [GivenOption] = []
    for (name, values) in file.options.sorted(by: { $0.key < $1.key }) {
      let option = "--" + name
      for value in values {
        if option == "--optimizer" {
          method = try ValueFormat<Method>.method.read(option, value)
        } else if TrainingSettings.options.options.contains(where: { $0.name == option }) {
          try TrainingSettings.options.apply(option, value.isEmpty ? nil : value, to: &settings)
        } else {
          given.append(GivenOption(name: option, value: value.isEmpty ? nil : value))
        }
      }
    }
    settings.method = try method.configured(by: given)
    return settings
  }
}
