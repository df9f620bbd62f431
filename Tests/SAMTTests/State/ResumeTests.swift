import Foundation
import SAMTTestSupport
import Testing

@testable import SAMT

/// A training that goes on from its checkpoint, in another process, ends bit for bit where it would have ended.
@Suite struct ResumeTests {
  /// Where the interruptions are: in both epochs, before the smaller last batch of the first, and at its end.
  private static let interruptions = [1, 4, 5, 6, 9]

  private static func path(_ directory: String, _ index: Int, _ step: Int) -> String {
    "\(directory)/\(index)-\(step).safetensors"
  }

  /// In a process of its own: each case from each of its checkpoints, by a trainer that began with other weights.
  private static func resumeAll(_ directory: String, threads: Int) throws {
    Threads.count = threads
    for (index, resumeCase) in ResumeCase.all.enumerated() {
      let undisturbed = try resumeCase.trainer(seed: 78)
      try undisturbed.resume(from: path(directory, index, 0))
      let end = State(of: undisturbed).withoutTime
      for step in interruptions {
        let trainer = try resumeCase.trainer(seed: 77)
        try trainer.resume(from: path(directory, index, step))
        #expect(trainer.position.epochs * resumeCase.stepsPerEpoch + trainer.position.step == step)
        try resumeCase.run(trainer)
        let difference = end.firstDifference(State(of: trainer).withoutTime)
        #expect(difference == nil, "\(resumeCase.name) from step \(step), \(threads) threads")
        #expect(
          withoutTime(trainer.reports) == withoutTime(undisturbed.reports), "\(resumeCase.name) from step \(step)")
      }
    }
  }

  @Test func everyTrainingGoesOnBitForBit() async throws {
    try await withTemporaryDirectory { directory in
      for (index, resumeCase) in ResumeCase.all.enumerated() {
        let trainer = try resumeCase.trainer()
        try resumeCase.run(trainer) { step in
          guard ResumeTests.interruptions.contains(step) else { return }
          try trainer.checkpoint(to: ResumeTests.path(directory.path, index, step))
        }
        try trainer.checkpoint(to: ResumeTests.path(directory.path, index, 0))
      }
      await #expect(processExitsWith: .success) { [path = directory.path as String] in
        try ResumeTests.resumeAll(path, threads: 1)
        try ResumeTests.resumeAll(path, threads: 2)
      }
    }
  }

  /// An item changed, in one way and in another: what a bound holds back of the one is seen of the other.
  private func corrupted(_ item: StateItem) -> [StateItem] {
    switch item {
    case .tensor(let tensor):
      var moved = tensor
      moved.withMutableSpan { for i in $0.indices { $0[i] += 0.5 + abs($0[i]) } }
      return [.tensor(moved)]
    case .double(let value): return [value + 0.25, -1000 * value, 0].map { .double($0) }
    case .doubles(let values): return [.doubles(values.map { $0 + 0.25 }), .doubles(values.map { 1000 * $0 })]
    case .integer(let value): return [.integer(value == 0 ? 1 : value - 1)]
    case .integers(let values): return [.integers(values.reversed())]
    case .generator(var generator):
      _ = generator.next()
      _ = generator.next()
      return [.generator(generator)]
    case .json(let text): return [.json(text.hasPrefix("{") ? text.replacing("0", with: "1") : "?")]
    }
  }

  /// What is saved matters: each item changed in turn is noticed, by the run that follows, by the reports, or by an
  /// error.
  @Test(arguments: ResumeCase.all.indices) func everyItemMatters(index: Int) throws {
    let resumeCase = ResumeCase.all[index]
    var middle = State()
    let undisturbed = try resumeCase.trainer()
    var blocks: [BlockReport] = []
    try resumeCase.run(undisturbed) { step in
      guard step == 4 else { return }
      middle = State(of: undisturbed)
      blocks = undisturbed.algorithm.blockReports
    }
    /// What is seen of a run from `state`; nil where it is refused.
    func outcome(_ state: State) throws -> Outcome? {
      let trainer = try resumeCase.trainer(seed: 77)
      do {
        try trainer.resume(at: state, from: "state")
        let blocks = trainer.algorithm.blockReports
        try resumeCase.run(trainer)
        return Outcome(blocks: blocks, end: State(of: trainer), reports: trainer.reports)
      } catch is SAMTError { return nil }
    }
    let same = try #require(try outcome(middle))
    #expect(same.end.withoutTime.firstDifference(State(of: undisturbed).withoutTime) == nil)
    #expect(same.blocks == blocks && withoutTime(same.reports) == withoutTime(undisturbed.reports))

    for name in middle.names {
      if isUnseen(name, resumeCase) || isReplaced(name, in: middle) { continue }
      let item = try #require(middle[name])
      let changes = corrupted(item).filter { !$0.isIdentical(to: item) }
      let isNoticed = try changes.contains { change in
        var changed = State()
        for other in middle.names { changed.append(other, other == name ? change : middle[other]!) }
        guard let found = try outcome(changed) else { return true }
        return found.end.withoutTime.firstDifference(same.end.withoutTime) != nil || found.blocks != blocks
          || withoutTime(found.reports) != withoutTime(same.reports)
      }
      #expect(isNoticed || changes.isEmpty, "\(resumeCase.name): \(name) is saved and does not matter")
    }
  }

  /// Whether these are means of features of a block that has not moved yet: the first gradient's take their place, but
  /// for a rounding.
  private func isReplaced(_ name: String, in state: State) -> Bool {
    guard name.hasSuffix("eta.featureMeans"), case .integer(0) = state[String(name.dropLast(12)) + "observations"]
    else {
      return false
    }
    return true
  }

  /// What matters in other circumstances than those of these runs.
  private func isUnseen(_ name: String, _ resumeCase: ResumeCase) -> Bool {
    // The features of a gradient that is not finite are those of the last finite one.
    if name.hasSuffix("eta.features") || name == "trainer.seconds" { return true }
    // A block that does not move any more in the last steps; a radius whose bounds hold.
    // Where a window is kept, nothing goes back; where it is taken back, what its replay says beyond that is lost, and
    // so are the running statistics.
    // Of the rules, few look at the loss.
    let unseen = [
      "Adam, three minibatches an update": ["accumulated.totalLoss"],
      "AdaS": ["gains"],  // of an epoch, and none has passed
      "SOAA": ["prediction"], "SAMT scalar, random order, one block a batch": ["featureVariances"],
      // No lesson has passed, whose first ratio is its own mean.
      "SAMT-Replay, a window kept": [
        "meanRatio", ".held", ".isHeld", ".heldSteps", ".buffer0", ".buffer1", "window.firstLoss",
      ],
      "SAMT-Replay, a window taken back": [
        "window.loss", "window.firstLoss", "window.draw.3", "batch.inputs", "batch.classes", ".startGradient",
        ".running_mean",
        ".running_var",
      ],
    ]
    return (unseen[resumeCase.rule.testDescription] ?? []).contains { name.hasSuffix($0) }
  }

  private struct Outcome {
    var blocks: [BlockReport]
    var end: State
    var reports: [EpochReport]
  }

  @Test func aTrainingOfOtherSettingsDoesNotGoOn() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("c.safetensors").path
      let adam = ResumeCase.all[3]
      let trainer = try adam.trainer()
      try trainer.checkpoint(to: path)
      func reason(_ other: Trainer) throws -> String {
        let before = State(of: other)
        do { try other.resume(from: path) } catch {
          #expect(before.firstDifference(State(of: other)) == nil, "half restored")
          return "\(error)"
        }
        return "no error"
      }
      let momentum = try reason(try ResumeCase.all[1].trainer())
      #expect(momentum.contains("missing: optimizer.velocity.linear1.weight, a tensor of shape [12, 2]"))
      #expect(momentum.contains("unexpected: optimizer.m.linear1.weight"))
      var configuration = trainer.configuration
      configuration.seed = 5
      let model = try adam.model(1)
      let seeded = try Trainer(model: model, algorithm: try adam.rule.make(model), configuration: configuration)
      #expect(try reason(seeded).contains("\"seed\":0"))
      let narrow = try Model(input: [2]) { Linear(2, 3) }
      let other = try Trainer(
        model: narrow, algorithm: try adam.rule.make(narrow), configuration: trainer.configuration)
      #expect(try reason(other).contains("unexpected: linear1.weight"))
      try narrow.save(to: path)
      #expect(try reason(other).contains("expected the checkpoint of a training, found a file of weights alone"))
    }
  }

  @Test func inTheMiddleOfAnEpochTheDataMustBeTheSame() throws {
    let resumeCase = ResumeCase.all[0]
    var middle = State()
    let trainer = try resumeCase.trainer()
    try resumeCase.run(trainer) { if $0 == 3 { middle = State(of: trainer) } }
    let other = try resumeCase.trainer()
    try middle.restore(into: other)
    #expect(
      throws: SAMTError.configuration("the training stopped in the middle of an epoch of 90 examples, found 91")
    ) { try other.fit(clouds(91, seed: 1), test: clouds(10, seed: 1)) }
  }
}
