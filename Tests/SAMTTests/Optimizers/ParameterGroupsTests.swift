import SAMT
import SAMTTestSupport
import Testing

/// Who is in which group, and that each group is moved by its own rule.
@Suite struct ParameterGroupsTests {
  private func model() throws -> Model { try Model.mlp(inputs: 4, hidden: [5, 3], outputs: 2, seed: 1) }

  private func problem(_ body: () throws(SAMTError) -> Void) -> String? {
    do throws(SAMTError) {
      try body()
      return nil
    } catch { return "\(error)" }
  }

  @Test func everyParameterHasItsGroupsSetting() throws {
    let parameters = try model().parameters
    let matrices = ParameterSelector("matrices of fc3") { $0.path.hasPrefix("fc3") && $0.shape.rank == 2 }
    let groups = ParameterGroups(["*.bias": 1, matrices: 2], rest: 0)
    #expect(parameters.map(\.path).count == 6)
    #expect(try groups.settings(of: parameters) == [0, 1, 0, 1, 2, 1])
    let partition = try groups.partition(parameters)
    #expect(partition.map(\.setting) == [1, 2, 0])
    #expect(
      partition.map { $0.parameters.map(\.path) } == [
        ["fc1.bias", "fc2.bias", "fc3.bias"], ["fc3.weight"], ["fc1.weight", "fc2.weight"],
      ])
    #expect(try ParameterGroups(["*": 1], rest: 0).partition(parameters).map(\.setting) == [1])
  }

  @Test func groupsThatAreWrongAreTypedErrors() throws {
    let parameters = try model().parameters
    func problem(_ groups: KeyValuePairs<ParameterSelector, Int>) -> String? {
      self.problem { () throws(SAMTError) in
        _ = try ParameterGroups(groups, rest: 0).settings(of: parameters)
      }
    }
    #expect(problem(["fc": 1])?.hasPrefix("the group fc has no parameters; trained: fc1.weight fc1.bias") == true)
    #expect(problem(["fc2": 1, "*.bias": 2]) == "fc2.bias is in two groups: fc2 and *.bias")
    #expect(problem([.matrices: 1, "fc3.weight": 2]) == "fc3.weight is in two groups: matrices and fc3.weight")
    let twice = self.problem { () throws(SAMTError) in
      _ = try GroupedOptimizer([Adam(parameters), SGD([parameters[1]], learningRate: 1)])
    }
    #expect(twice == "fc1.bias is moved by two groups")
    #expect(throws: SAMTError.self) { try GroupedOptimizer([]) }
    for factor in [0, -1, .nan, .infinity] as [Float] {
      let found = self.problem { () throws(SAMTError) in
        let groups = ParameterGroups(["fc1": GroupSettings(rateFactor: factor)], rest: GroupSettings())
        _ = try groups.optimizer(of: parameters, learningRate: 1) { (members, rate, _) throws(SAMTError) in
          try SGD(members, learningRate: rate)
        }
      }
      #expect(found?.contains("the group fc1 needs a rate factor that is positive") == true)
    }
  }

  /// Each group moves as it would under a rule of its own, and its state has paths of its own.
  @Test func groupsMoveByTheirOwnRatesAndDecays() throws {
    let grouped = try model(), alone = try model()
    let groups = ParameterGroups(
      ["fc2": GroupSettings(rateFactor: 0.25, weightDecay: 0), "*1.bias": GroupSettings(rateFactor: 2)],
      rest: GroupSettings())
    let optimizer = try groups.optimizer(of: grouped.parameters, learningRate: 0.5, weightDecay: 0.125) {
      (members, rate, decay) throws(SAMTError) in
      try Adam(members, learningRate: rate, weightDecay: decay)
    }
    let parts = try [
      Adam(Array(alone.parameters[2...3]), learningRate: 0.125),
      Adam([alone.parameters[1]], learningRate: 1, weightDecay: 0.125),
      Adam([0, 4, 5].map { alone.parameters[$0] }, learningRate: 0.5, weightDecay: 0.125),
    ]
    for seed in 1...3 as ClosedRange<UInt64> {
      for (a, b) in zip(grouped.parameters, alone.parameters) {
        a.gradient = GradientCheck.values(a.shape, magnitudes: 0...1, seed: seed)
        b.gradient = a.gradient
      }
      optimizer.update(scale: 0.5, loss: 1)
      for part in parts { part.update(scale: 0.5, loss: 1) }
    }
    #expect(State(of: grouped).firstDifference(State(of: alone)) == nil)
    let names = State(of: optimizer).names
    #expect(
      names.filter { $0.hasPrefix("group0.") } == [
        "group0.steps", "group0.m.fc2.weight", "group0.v.fc2.weight", "group0.m.fc2.bias", "group0.v.fc2.bias",
      ])
    #expect(Set(names).count == names.count && names.contains("group2.m.fc3.bias"))
    optimizer.learningRate *= 2
    #expect((optimizer as? GroupedOptimizer)?.optimizers.map(\.learningRate) == [0.25, 2, 1])
  }

  /// Without groups the rule stands alone, under the paths it has elsewhere.
  @Test func noGroupsAreOneRule() throws {
    let parameters = try model().parameters
    let rule = try ParameterGroups(rest: GroupSettings()).optimizer(of: parameters, learningRate: 0.5) {
      (members, rate, decay) throws(SAMTError) in
      #expect(decay == 0)
      return try SGD(members, learningRate: rate)
    }
    #expect(rule is SGD && rule.learningRate == 0.5 && rule.parameters.count == 6)
  }
}
