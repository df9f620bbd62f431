import SAMTTestSupport
import Testing

@testable import SAMT

@Suite struct SAMTConfigurationTests {
  private func model() throws -> Model {
    try Model(input: [4]) {
      Linear(4, 5, name: "in")
      ReLU()
      Linear(5, 5, name: "hidden")
      ReLU()
      Linear(5, 3, name: "out")
    }
  }

  /// The message of the configuration error, or nil where there is none.
  private func problem(_ change: (inout SAMTOptimizer.Configuration) -> Void) throws -> String? {
    let model = try model()
    var configuration = SAMTOptimizer.Configuration()
    change(&configuration)
    do {
      _ = try SAMTOptimizer(for: model, configuration)
      return nil
    } catch .configuration(let message) { return message }
  }

  @Test func theDefaultsAreFine() throws {
    #expect(try problem { _ in } == nil)
  }

  @Test(arguments: [
    (StepSizes(initial: 0), "0.0"), (StepSizes(initial: -1), "-1.0"), (StepSizes(initial: .nan), "nan"),
    (StepSizes(initial: .infinity), "inf"), (StepSizes(initial: 1e-5), "1e-05 ... 10.0"),
    (StepSizes(initial: 10), "1e-05 ... 10.0"), (StepSizes(initial: 11), "1e-05 ... 10.0"),
    (StepSizes(initial: 1, projection: .sigmoid), "1.0"),
    (StepSizes(projection: .sigmoid(maximum: .infinity)), "inf"),
    (StepSizes(projection: .relativeTanh(factor: 1)), "1.0"),
    (StepSizes(projection: .relativeTanh(factor: .nan)), "nan"),
    (StepSizes(projection: .logarithmicTanh(range: 0...1)), "0.0 ... 1.0"),
    (StepSizes(projection: .logarithmicTanh(range: 1e-5...Double.infinity)), "inf"),
    (StepSizes(learningRate: -1), "-1.0"), (StepSizes(learningRate: .nan), "nan"), (StepSizes(hiddenUnits: 0), "0"),
  ])
  func stepSizesOutOfRange(_ stepSizes: StepSizes, named value: String) throws {
    let problem = try #require(try problem { $0.stepSizes = stepSizes })
    #expect(problem.contains(value), "\(problem)")
  }

  @Test(arguments: [
    (BlockGrouping.groups([["in", "hidden", "nowhere", "out"]]), "no layer is named nowhere"),
    (.groups([["in"], ["hidden", "in"], ["out"]]), "in has no parameters, or stands in two groups"),
    (.groups([["in", "relu1"], ["hidden"], ["out"]]), "relu1 has no parameters"),
    (.groups([["in"], ["out"]]), "no group of blocks has hidden"),
    (.groups([["in"], [], ["hidden", "out"]]), "a group of blocks is empty"),
    (.groups([]), "no group of blocks has in hidden out"),
  ])
  func groupsThatDoNotFitTheModel(_ blocks: BlockGrouping, _ message: String) throws {
    let problem = try #require(try problem { $0.blocks = blocks })
    #expect(problem.contains(message), "\(problem)")
  }

  @Test(arguments: [0, -1, 4]) func blocksPerBatchOutOfRange(_ count: Int) throws {
    let problem = try #require(try problem { $0.blocksPerBatch = count })
    #expect(problem.contains("1 ... 3") && problem.contains("\(count)"), "\(problem)")
  }

  @Test(arguments: [-0.1, .nan, .infinity]) func weightDecayOutOfRange(_ decay: Double) throws {
    let problem = try #require(try problem { $0.weightDecay = decay })
    #expect(problem.contains("weight decay"), "\(problem)")
  }

  @Test(arguments: [
    (\Backtracking.shrinkage, 0.0), (\.shrinkage, 1), (\.shrinkage, .nan), (\.retreat, 0), (\.retreat, 1.5),
    (\.growth, 0.5), (\.growth, .infinity), (\.smallestRatio, -2), (\.smallestRatio, .nan),
    (\.smallestJointRatio, -1.5), (\.smallestJointRatio, .nan),
  ])
  func backtrackingOutOfRange(_ setting: WritableKeyPath<Backtracking, Double> & Sendable, _ value: Double) throws {
    var backtracking = Backtracking()
    backtracking[keyPath: setting] = value
    let problem = try #require(try problem { $0.backtracking = backtracking })
    #expect(problem.contains("backtracking") && problem.hasSuffix("found \(value)"), "\(problem)")
  }

  @Test func aModelWithoutParameters() throws {
    let model = try Model(input: [4]) { ReLU() }
    #expect(throws: SAMTError.configuration("the model has no parameters to train")) {
      try SAMTOptimizer(for: model)
    }
  }

  @Test func groupsResolveToLayers() throws {
    let model = try model()
    #expect(try BlockGrouping.perLayer.resolve(in: model) == [[0], [2], [4]])
    #expect(try BlockGrouping.pairs.resolve(in: model) == [[0, 2], [4]])
    #expect(try BlockGrouping.oneGroup.resolve(in: model) == [[0, 2, 4]])
    // Layers ascending within a group, groups by their first layer.
    #expect(try BlockGrouping.groups([["hidden"], ["out", "in"]]).resolve(in: model) == [[0, 4], [2]])
  }

  @Test func containersStandForTheirLayers() throws {
    let model = try residualModel()
    func named(_ grouping: BlockGrouping) throws -> [[String]] {
      try grouping.resolve(in: model).map { $0.map { model.layerNames[$0] } }
    }
    let first = ["first.linear", "first.0.linear"]
    let zeroth = ["stage.0.downsample.linear", "stage.0.linear1", "stage.0.linear2"]
    let last = ["stage.1.downsample.linear", "stage.1.inner.linear", "stage.1.linear", "stage.1.end.linear"]
    #expect(try named(.perStage) == [first, zeroth + last, ["head"]])
    #expect(try named(.groups([["stage.1", "head"], ["stage.0", "first"]])) == [first + zeroth, last + ["head"]])
    let overlapping: [[[PathPattern]]] = [
      [["stage", "head"], ["first", "stage.1"]], [["stage", "stage.0", "head"], ["first"]],
    ]
    for groups in overlapping {
      #expect(throws: SAMTError.self) { try BlockGrouping.groups(groups).resolve(in: model) }
    }
    #expect(try named(.groups([["*.1", "head"], ["stage.0", "fi*"]])) == [first + zeroth, last + ["head"]])
    #expect(throws: SAMTError.self) { try BlockGrouping.groups([["first", "sta", "head"]]).resolve(in: model) }
  }

  private func turns(_ order: BlockOrder, perBatch: Int, count: Int, seed: UInt64 = 3) -> [[Int]] {
    var plan = BlockPlan(blockCount: 3, perBatch: perBatch, order: order, seed: seed)
    return (0..<count).map { _ in
      plan.advance()
      return plan.groups
    }
  }

  @Test func plansGoRound() {
    #expect(turns(.ascending, perBatch: 3, count: 2) == [[0, 1, 2], [0, 1, 2]])
    #expect(turns(.descending, perBatch: 3, count: 2) == [[2, 1, 0], [2, 1, 0]])
    #expect(turns(.ascending, perBatch: 1, count: 4) == [[0], [1], [2], [0]])
    #expect(turns(.ascending, perBatch: 2, count: 3) == [[0, 1], [2, 0], [1, 2]])
    #expect(turns(.descending, perBatch: 2, count: 3) == [[2, 1], [0, 2], [1, 0]])
  }

  @Test func randomPlansArePermutationsFromTheSeed() {
    let found = turns(.random, perBatch: 3, count: 50)
    #expect(found.allSatisfy { $0.sorted() == [0, 1, 2] })
    // Fifty draws of six orders miss one with a probability of 6 (5 / 6)^50 = 7e-4; the seed is fixed.
    #expect(Set(found).count == 6)
    #expect(found == turns(.random, perBatch: 3, count: 50))
    #expect(found != turns(.random, perBatch: 3, count: 50, seed: 4))
  }
}
