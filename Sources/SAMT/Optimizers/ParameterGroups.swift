/// What applies to which parameters: each group's setting to those that its selector selects, another to all others.
///
///     ParameterGroups(["layer1": slow, "*.bias": undecayed], rest: usual)
///
/// A setting is whatever differs: a learning rate and a decay (``GroupSettings``), a rule, a norm.
public struct ParameterGroups<Setting> {
  /// The groups, no two of which may select the same parameter.
  public var groups: [(selector: ParameterSelector, setting: Setting)]
  /// What applies to the parameters that no group selects.
  public var rest: Setting

  /// Groups, and a setting for the rest.
  public init(_ groups: KeyValuePairs<ParameterSelector, Setting> = [:], rest: Setting) {
    self.groups = groups.map { (selector: $0.key, setting: $0.value) }
    self.rest = rest
  }

  /// The setting of each parameter.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where a group selects none of them, or two groups the same.
  public func settings(of parameters: [Parameter]) throws(SAMTError) -> [Setting] {
    try groupIndices(of: parameters).map { $0.map { groups[$0].setting } ?? rest }
  }

  /// The parameters of each group in their order, group by group, and those of no group last, where there are any.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where a group selects none of them, or two groups the same.
  public func partition(
    _ parameters: [Parameter]
  ) throws(SAMTError) -> [(setting: Setting, parameters: [Parameter])] {
    let indices = try groupIndices(of: parameters)
    func members(_ group: Int?) -> [Parameter] {
      parameters.indices.filter { indices[$0] == group }.map { parameters[$0] }
    }
    let others = members(nil)
    return groups.indices.map { (groups[$0].setting, members($0)) } + (others.isEmpty ? [] : [(rest, others)])
  }

  /// The index of the group that selects each parameter; nil where none does.
  private func groupIndices(of parameters: [Parameter]) throws(SAMTError) -> [Int?] {
    var indices = [Int?](repeating: nil, count: parameters.count)
    for (group, (selector, _)) in groups.enumerated() {
      let selected = parameters.indices.filter { selector.selects(parameters[$0]) }
      guard !selected.isEmpty else {
        throw .configuration(
          "the group \(selector) has no parameters; trained: \(parameters.map(\.path).joined(separator: " "))")
      }
      for index in selected {
        if let other = indices[index] {
          throw .configuration("\(parameters[index].path) is in two groups: \(groups[other].selector) and \(selector)")
        }
        indices[index] = group
      }
    }
    return indices
  }
}

extension ParameterGroups: Sendable where Setting: Sendable {}
