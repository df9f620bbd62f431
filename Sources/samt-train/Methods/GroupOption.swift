import CommandLineOptions
import SAMT

/// A group of parameters as it is asked for: `PATTERN:rate=0.1,decay=0`.
struct GroupOption: Equatable {
  /// Of the paths of its parameters.
  var pattern: String
  var settings: GroupSettings
}

extension ValueFormat where Value == GroupOption {
  /// A pattern and what differs for its parameters: a factor `rate`, a weight decay `decay`, or both.
  static var group: Self {
    Self(
      "PATTERN:rate=X,decay=X, the rate a positive factor, the decay not negative, one of them enough",
      { text in
        // Patterns may hold a colon.
        guard let colon = text.lastIndex(of: ":"), colon > text.startIndex else { return nil }
        var group = GroupOption(pattern: String(text[..<colon]), settings: GroupSettings())
        var names: [Substring] = []
        for part in text[text.index(after: colon)...].split(separator: ",", omittingEmptySubsequences: false) {
          let pair = part.split(separator: "=", omittingEmptySubsequences: false)
          guard pair.count == 2, let value = Float(String(pair[1])), value.isFinite, !names.contains(pair[0]) else {
            return nil
          }
          names.append(pair[0])
          switch pair[0] {
          case "rate" where value > 0: group.settings.rateFactor = value
          case "decay" where value >= 0: group.settings.weightDecay = value
          default: return nil
          }
        }
        return group
      },
      write: { group in
        let decay = group.settings.weightDecay.map { ",decay=\($0)" } ?? ""
        return "\(group.pattern):rate=\(group.settings.rateFactor)\(decay)"
      })
  }
}

extension BackpropagationSettings {
  /// The options of rules that can differ by groups of parameters: those of all, and the groups.
  static var groupedOptions: OptionTable<Self> {
    options
      + OptionTable {
        CommandLineOption(
          "--group", "PATTERN:rate=X,decay=X",
          "a factor on the learning rate, a decay, or both, for the parameters whose paths match, * in them for "
            + "anything; may be given more than once", \Self.groups, .group)
      }
  }

  /// The method whose rules `make` makes: one for each group of parameters.
  func algorithm(
    _ context: MethodContext, _ make: ParameterGroups<GroupSettings>.MakeOptimizer
  ) throws(SAMTError) -> any TrainingAlgorithm {
    var all = ParameterGroups(rest: GroupSettings())
    all.groups = groups.map { (ParameterSelector(PathPattern($0.pattern)), $0.settings) }
    let optimizer = try all.optimizer(
      of: context.model.trainableParameters, learningRate: learningRate, weightDecay: weightDecay, make)
    return try algorithm(optimizer, context)
  }
}
