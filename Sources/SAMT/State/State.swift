/// The state of a training, or of a part of it, at one moment: items under their names.
///
/// It shares the tensors' memory with what it was taken from, which copies a tensor when it next writes to it. Nothing
/// is copied where the state is let go before that.
public struct State: Sendable {
  /// The items' names, in the order in which they were visited.
  public private(set) var names: [String] = []
  private var items: [String: StateItem] = [:]

  /// No items.
  public init() {}

  /// The state of `part` as it is now.
  public init(of part: any Stateful) {
    let visitor = StateVisitor(.collect)
    part.visitState(visitor)
    self = visitor.state
  }

  /// The item of a name, or nil.
  public subscript(name: String) -> StateItem? { items[name] }

  /// The memory that all items take in a file, without their names.
  public var byteCount: Int { items.values.reduce(0) { $0 + $1.byteCount } }

  /// Adds an item.
  ///
  /// - Precondition: no item has that name.
  public mutating func append(_ name: String, _ item: StateItem) {
    ensure(items.updateValue(item, forKey: name) == nil, "two items of a state are named \(name)")
    names.append(name)
  }

  /// The state with the items for which `isIncluded` holds.
  public func filter(_ isIncluded: (String, StateItem) -> Bool) -> State {
    var filtered = State()
    for name in names {
      if let item = items[name], isIncluded(name, item) { filtered.append(name, item) }
    }
    return filtered
  }

  /// The state under other names; nil leaves an item out.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where two items would have one name.
  public func renamed(_ rename: (String) -> String?) throws(SAMTError) -> State {
    var renamed = State()
    for name in names {
      guard let item = items[name], let other = rename(name) else { continue }
      guard renamed[other] == nil else { throw .configuration("two tensors would be renamed to \(other)") }
      renamed.append(other, item)
    }
    return renamed
  }

  /// The name of the first item that the other state lacks or has with other bits, or that only the other has; nil
  /// where both agree.
  public func firstDifference(_ other: State) -> String? {
    for name in names {
      guard let item = items[name], let theirs = other[name], item.isIdentical(to: theirs) else { return name }
    }
    return other.names.first { items[$0] == nil }
  }

  /// Puts every item of this state into `part`, or none.
  ///
  /// - Parameter source: where the state comes from, for the message.
  /// - Throws: ``SAMTError/file(path:reason:)`` that lists all items that are missing, unexpected, or of another kind
  ///   or shape; nothing has changed then.
  public func restore(into part: any Stateful, from source: String = "state") throws(SAMTError) {
    try restore(from: source) { part.visitState($0) }
  }

  /// Puts every item of this state into what `visit` goes through, or none.
  ///
  /// - Parameters:
  ///   - isStrict: whether items that are missing or unexpected are problems.
  ///   - skipsGenerators: whether generators stay as they are: those of a model are the training's.
  func restore(
    from source: String, isStrict: Bool = true, skipsGenerators: Bool = false, _ visit: (StateVisitor) -> Void
  ) throws(SAMTError) {
    let check = StateVisitor(.check, self, skipsGenerators: skipsGenerators)
    visit(check)
    var problems = check.misfits
    if isStrict { problems += check.missing.map { "missing: \($0)" } + check.unexpected.map { "unexpected: \($0)" } }
    guard problems.isEmpty else { throw .file(path: source, reason: problems.joined(separator: "; ")) }
    visit(StateVisitor(.restore, self, skipsGenerators: skipsGenerators))
  }
}
