/// One option of a program whose settings are a `Settings`.
public struct CommandLineOption<Settings> {
  /// Its name with the dashes: `--epochs`.
  public let name: String
  /// What its value is called in the help; nil for an option that is there or not.
  public let placeholder: String?
  /// What it does, in a line.
  public let help: String
  /// Takes in a value that stands on the command line, which is empty for an option without one.
  let read: (inout Settings, String) throws(UsageError) -> Void
  /// The values that would have to stand on the command line to come to these settings; none for an option left out.
  let write: (Settings) -> [String]

  /// An option by functions: `read` takes in a value, `write` lists those that come to the given settings.
  public init(
    _ name: String, _ placeholder: String?, _ help: String,
    read: @escaping (inout Settings, String) throws(UsageError) -> Void,
    write: @escaping (Settings) -> [String] = { _ in [] }
  ) {
    self.name = name
    self.placeholder = placeholder
    self.help = help
    self.read = read
    self.write = write
  }

  /// An option that takes a value; the last one counts.
  public init<Value>(
    _ name: String, _ placeholder: String, _ help: String, _ target: WritableKeyPath<Settings, Value>,
    _ format: ValueFormat<Value>
  ) {
    self.init(
      name, placeholder, help,
      read: { (settings, text) throws(UsageError) in settings[keyPath: target] = try format.read(name, text) },
      write: { [format.write($0[keyPath: target])] })
  }

  /// An option that takes a value, for a setting that may be absent.
  public init<Value>(
    _ name: String, _ placeholder: String, _ help: String, _ target: WritableKeyPath<Settings, Value?>,
    _ format: ValueFormat<Value>
  ) {
    self.init(
      name, placeholder, help,
      read: { (settings, text) throws(UsageError) in settings[keyPath: target] = try format.read(name, text) },
      write: { $0[keyPath: target].map { [format.write($0)] } ?? [] })
  }

  /// An option that may be given more than once: `target` lists its values in their order.
  public init<Value>(
    _ name: String, _ placeholder: String, _ help: String, _ target: WritableKeyPath<Settings, [Value]>,
    _ format: ValueFormat<Value>
  ) {
    self.init(
      name, placeholder, help,
      read: { (settings, text) throws(UsageError) in
        settings[keyPath: target].append(try format.read(name, text))
      },
      write: { $0[keyPath: target].map(format.write) })
  }

  /// An option that is there or not, and sets `target` to `flag` where it is there.
  public init(_ name: String, _ help: String, _ target: WritableKeyPath<Settings, Bool>, _ flag: Bool = true) {
    self.init(
      name, nil, help,
      read: { (settings, _) throws(UsageError) in settings[keyPath: target] = flag },
      write: { $0[keyPath: target] == flag ? [""] : [] })
  }

  /// The same option of settings that have these as a part.
  public func lifted<Whole>(_ part: WritableKeyPath<Whole, Settings>) -> CommandLineOption<Whole> {
    CommandLineOption<Whole>(
      name, placeholder, help,
      read: { (whole, text) throws(UsageError) in try read(&whole[keyPath: part], text) },
      write: { write($0[keyPath: part]) })
  }

  /// The value that `settings` have, as text; nil for an option that is there or not, or that they leave out.
  public func text(of settings: Settings) -> String? {
    placeholder == nil ? nil : write(settings).last
  }
}
