import Testing

@testable import SAMT

@Suite struct ProgressBarTests {
  private final class Screen {
    var texts: [String] = []
  }

  private let trainer: Trainer

  init() throws { trainer = try someTrainer() }

  private func bar(isTerminal: Bool) -> (ProgressBar, Screen) {
    let screen = Screen()
    return (ProgressBar(isTerminal: isTerminal) { screen.texts.append($0) }, screen)
  }

  /// An accuracy of three quarters.
  private var threeOfFour: Accuracy {
    var accuracy = Accuracy()
    accuracy.add(Tensor([1, 0, 1, 0, 1, 0, 1, 0], shape: [4, 2]), targets: .classes([0, 0, 0, 1]))
    return accuracy
  }

  private func progress(_ step: Int, of steps: Int, seconds: Double, epoch: Int = 1) -> TrainingProgress {
    TrainingProgress(
      epoch: epoch, epochs: 2, step: step, stepsPerEpoch: steps, loss: 0.5, seconds: seconds,
      samplesPerSecond: 1000, measured: [threeOfFour])
  }

  @Test func aPlainLinePerTenthOfALongEpoch() {
    let (bar, screen) = bar(isTerminal: false)
    for step in 1...100 { bar.didFinishStep(progress(step, of: 100, seconds: Double(step)), of: trainer) }
    #expect(screen.texts.count == 9)
    #expect(screen.texts.allSatisfy { $0.hasSuffix("\n") && !$0.contains("\r") && !$0.contains("\u{1B}") })
    let bars = String(repeating: "=", count: 12) + String(repeating: " ", count: 12)
    // Half of the first of two epochs took 50 s, so three halves are left.
    let line = "epoch 1/2 [\(bars)] loss 0.5000  accuracy 0.7500  1000 samples/s  2:30 left\n"
    #expect(screen.texts[4] == line)
  }

  @Test func shortEpochsPrintNoLines() {
    let (bar, screen) = bar(isTerminal: false)
    for epoch in 1...2 {
      for step in 1...100 {
        bar.didFinishStep(progress(step, of: 100, seconds: 0.01 * Double(step), epoch: epoch), of: trainer)
      }
    }
    #expect(screen.texts.isEmpty)
  }

  @Test func theNextEpochBeginsAnew() {
    let (bar, screen) = bar(isTerminal: false)
    for epoch in 1...2 {
      for step in 1...10 {
        bar.didFinishStep(progress(step, of: 10, seconds: 3 * Double(step), epoch: epoch), of: trainer)
      }
    }
    #expect(
      screen.texts.map { String($0.prefix(9)) } == [String](repeating: "epoch 1/2", count: 9)
        + [String](repeating: "epoch 2/2", count: 9))
  }

  @Test func aTerminalIsRedrawnTenTimesASecondAndCleared() throws {
    let (bar, screen) = bar(isTerminal: true)
    for step in 1...100 { bar.didFinishStep(progress(step, of: 100, seconds: 0.01 * Double(step)), of: trainer) }
    // At most every 0.1 s of the second that this took, and at the last step.
    #expect((9...11).contains(screen.texts.count))
    let clear = "\r\u{1B}[2K"
    #expect(screen.texts.allSatisfy { $0.hasPrefix(clear) && !$0.contains("\n") })
    #expect(screen.texts.last == clear + "epoch 1/2  evaluating")
    try bar.didFinishEpoch(sampleReport(epoch: 1), of: trainer)
    #expect(screen.texts.last?.hasPrefix(clear + "epoch 1/2  loss") == true)
    try bar.didFinishTraining(of: trainer)
    bar.didFinishStep(progress(1, of: 2, seconds: 1, epoch: 2), of: trainer)
    try bar.didFinishTraining(of: trainer)
    #expect(screen.texts.last == clear, "a training that was stopped leaves no half line")
  }

  /// The terminal is asked anew for each drawing, and no line reaches its last column.
  @Test func theBarFitsTheTerminal() {
    let screen = Screen()
    var width = 0
    let bar = ProgressBar(isTerminal: true, width: { width }, print: { screen.texts.append($0) })
    var seconds = 0.0
    for columns in Array(1...200) + [40, 200] {
      width = columns
      seconds += 0.2
      bar.didFinishStep(progress(50, of: 100, seconds: seconds), of: trainer)
      #expect(screen.texts.last!.dropFirst(5).count < columns)
    }
    #expect(screen.texts.count == 202)
  }

  @Test(
    arguments: [
      (100, "epoch 1/2 [============            ] loss 0.5000  accuracy 0.7500  1000 samples/s  2:30 left"),
      (80, "epoch 1/2 [======      ] loss 0.5000  accuracy 0.7500  1000 samples/s  2:30 left"),
      (60, "epoch 1/2 [====    ] loss 0.5000  accuracy 0.7500  2:30 left"),
      (41, "epoch 1/2 [===   ] loss 0.5000  2:30 left"), (40, "epoch 1/2  loss 0.5000  2:30 left"),
      (21, "epoch 1/2  2:30 left"), (15, "epoch 1/2"), (4, "epoc"), (0, ""),
    ])
  func lessRoomMeansLess(_ width: Int, _ text: String) {
    let line = ProgressLine(progress: progress(50, of: 100, seconds: 50)).text(width: width)
    #expect(line.count <= width)
    #expect(line == text)
  }

  @Test func anEpochsRowAndItsBlocks() throws {
    let (bar, screen) = bar(isTerminal: false)
    bar.didFinishStep(progress(1, of: 1, seconds: 0), of: trainer)
    try bar.didFinishEpoch(sampleReport(epoch: 1), of: trainer)
    #expect(
      screen.texts == [
        """
        epoch 1/2  loss 0.1250  accuracy 0.7500  test 0.8125  averaged 0.8750  1.5 s  12345 samples/s
            linear1       gate 0.25  rejections 0  stepSize 0.5
            linear2       gate 1  rejections 7  stepSize 0.0625

        """
      ])
  }

  @Test func withoutAveragesAndBlocksTheRowIsShort() throws {
    let (bar, screen) = bar(isTerminal: false)
    bar.didFinishStep(progress(1, of: 1, seconds: 0), of: trainer)
    var report = sampleReport(epoch: 1)
    report.averagedTest = nil
    report.blocks = []
    try bar.didFinishEpoch(report, of: trainer)
    #expect(screen.texts == ["epoch 1/2  loss 0.1250  accuracy 0.7500  test 0.8125  1.5 s  12345 samples/s\n"])
  }
}
