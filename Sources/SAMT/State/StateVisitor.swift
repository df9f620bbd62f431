/// What goes through the parts of a training and reads or writes their state, item by item.
///
/// Names are joined to paths by dots: inside `nested("optimizer")`, the item "steps" is `optimizer.steps`.
public final class StateVisitor {
  /// What happens to each item.
  enum Purpose {
    /// It is read.
    case collect
    /// It is compared in kind and shape with what is to be restored; nothing changes.
    case check
    /// It is written.
    case restore
  }

  private let purpose: Purpose
  private var prefix = ""
  /// What was collected, or what is to be restored.
  private(set) var state: State
  /// By a check: what is there and does not fit, and what is not there.
  private(set) var misfits: [String] = []
  private(set) var missing: [String] = []
  private var visited: Set<String> = []

  private let skipsGenerators: Bool

  /// A visitor that begins with nothing collected, or with what is to be restored.
  init(_ purpose: Purpose, _ state: State = State(), skipsGenerators: Bool = false) {
    self.purpose = purpose
    self.state = state
    self.skipsGenerators = skipsGenerators
  }

  /// The items that were to be restored and that nothing asked for.
  var unexpected: [String] { state.names.filter { !visited.contains($0) } }

  /// Visits a part's items under a name; under the names as they are where it is empty.
  public func nested(_ name: String, _ body: () -> Void) {
    let outer = prefix
    if !name.isEmpty { prefix += name + "." }
    body()
    prefix = outer
  }

  /// Visits a part.
  public func visit(_ name: String, _ part: any Stateful) { nested(name) { part.visitState(self) } }

  /// Visits a tensor of a fixed shape: the one given, or the one it has.
  public func visit(_ name: String, _ tensor: inout Tensor, shape: Shape? = nil) {
    let shape = shape ?? tensor.shape
    exchange(
      name, .tensor(tensor), expected: "a tensor of shape \(shape)",
      as: { if case .tensor(let found) = $0, found.shape == shape { found } else { nil } }, into: { tensor = $0 })
  }

  /// Visits a tensor that is there only sometimes, and then of any shape.
  public func visit(_ name: String, optional tensor: inout Tensor?) {
    visitOptional(name, tensor.map { .tensor($0) }) { item in
      if case .tensor(let found)? = item { tensor = found } else { tensor = nil }
    }
  }

  /// Visits a number.
  public func visit(_ name: String, _ number: inout Double) {
    exchange(
      name, .double(number), expected: "a double",
      as: { if case .double(let found) = $0 { found } else { nil } }, into: { number = $0 })
  }

  /// Visits as many numbers as there are.
  public func visit(_ name: String, _ numbers: inout [Double]) {
    let count = numbers.count
    exchange(
      name, .doubles(numbers), expected: "\(count) doubles",
      as: { if case .doubles(let found) = $0, found.count == count { found } else { nil } }, into: { numbers = $0 })
  }

  /// Visits a whole number in a range, by default one that is not negative.
  public func visit(_ name: String, _ number: inout Int, in range: Range<Int> = 0..<Int.max) {
    exchange(
      name, .integer(number), expected: "an integer in \(range)",
      as: { if case .integer(let found) = $0, range.contains(found) { found } else { nil } }, into: { number = $0 })
  }

  /// Visits as many whole numbers as there are, each in a range where one is given.
  public func visit(_ name: String, _ numbers: inout [Int], in range: Range<Int>? = nil) {
    let count = numbers.count
    exchange(
      name, .integers(numbers), expected: "\(count) integers" + (range.map { " in \($0)" } ?? ""),
      as: { item in
        guard case .integers(let found) = item, found.count == count else { return nil }
        if let range, !found.allSatisfy({ range.contains($0) }) { return nil }
        return found
      }, into: { numbers = $0 })
  }

  /// Visits a truth value, as the whole number 0 or 1.
  public func visit(_ name: String, _ flag: inout Bool) {
    exchange(
      name, .integer(flag ? 1 : 0), expected: "an integer 0 or 1",
      as: { if case .integer(let found) = $0, found == 0 || found == 1 { found == 1 } else { nil } },
      into: { flag = $0 })
  }

  /// Visits a random number generator.
  public func visit(_ name: String, _ generator: inout Generator) {
    if skipsGenerators { return }
    exchange(
      name, .generator(generator), expected: "a generator",
      as: { item in
        switch item {
        case .generator(let found): found
        case .integers(let words): Generator(words: words.map { UInt64(bitPattern: Int64($0)) })
        default: nil
        }
      }, into: { generator = $0 })
  }

  /// Visits a value that is encoded as JSON: settings, reports.
  ///
  /// Numbers keep every bit; NaN and infinities are texts.
  public func visit<Value: Codable>(_ name: String, json value: inout Value) {
    // Only what is collected is encoded: it may be long.
    let text = purpose == .collect ? JSONText.encode(value) : ""
    exchange(
      name, .json(text), expected: "a text that describes \(Value.self)",
      as: { if case .json(let found) = $0 { JSONText.decode(Value.self, found) } else { nil } },
      into: { value = $0 })
  }

  /// Visits a value that is encoded as JSON and is there only sometimes.
  public func visit<Value: Codable>(_ name: String, optionalJSON value: inout Value?) {
    visitOptional(name, value.map { .json(JSONText.encode($0)) }) { item in
      if case .json(let found)? = item { value = JSONText.decode(Value.self, found) } else { value = nil }
    }
  }

  /// Visits a batch that is there only sometimes, and then of any size.
  public func visit(_ name: String, optional batch: inout Batch?) {
    nested(name) {
      var inputs = batch?.inputs
      visit("inputs", optional: &inputs)
      var classes: [Int]?
      var values: Tensor?
      switch batch?.targets {
      case .classes(let labels)?: classes = labels.map(Int.init)
      case .values(let found)?: values = found
      case nil: break
      }
      visitOptional("classes", classes.map { .integers($0) }) { item in
        if case .integers(let found)? = item { classes = found } else { classes = nil }
      }
      visit("values", optional: &values)
      guard purpose == .restore else { return }
      let targets = classes.map { Targets.classes($0.map { Int32(truncatingIfNeeded: $0) }[...]) }
      batch = inputs.flatMap { inputs in
        (targets ?? values.map { .values($0) }).flatMap { Batch(checking: inputs, targets: $0) }
      }
    }
  }

  /// Collects an item; or checks that what is to be restored can be taken, and takes it.
  private func exchange<Value>(
    _ name: String, _ item: @autoclosure () -> StateItem, expected: @autoclosure () -> String,
    as convert: (StateItem) -> Value?, into assign: (Value) -> Void
  ) {
    let path = prefix + name
    switch purpose {
    case .collect: state.append(path, item())
    case .check:
      visited.insert(path)
      guard let found = state[path] else {
        missing.append("\(path), \(expected())")
        return
      }
      if convert(found) == nil { misfits.append("\(path): expected \(expected()), found \(found.kind)") }
    case .restore:
      if let value = state[path].flatMap(convert) { assign(value) }
    }
  }

  private func visitOptional(_ name: String, _ item: StateItem?, into assign: (StateItem?) -> Void) {
    let path = prefix + name
    switch purpose {
    case .collect: if let item { state.append(path, item) }
    case .check: visited.insert(path)
    case .restore: assign(state[path])
    }
  }
}
