import Testing

@testable import SAMT
@testable import samt_train

@Suite struct ComparisonResultsTests {
  private func report(_ epoch: Int, _ result: Double, seconds: Double = 2) -> EpochReport {
    EpochReport(
      epoch: epoch, training: Evaluation(loss: 0.25), test: Evaluation(loss: 1, metrics: ["accuracy": result]),
      seconds: seconds, samplesPerSecond: 1000, parameterUpdates: 3,
      layerPasses: LayerPasses(forward: 3 * epoch, parameterGradient: 2 * epoch, inputGradient: epoch), algorithm: [:],
      blocks: [])
  }

  private func row(_ method: String, _ results: [Double], rate: Double? = nil) -> ComparisonResults.Row {
    ComparisonResults.Row(
      method: method, rate: rate,
      search: rate.map { [.init(rate: $0, result: 0.5, cost: Cost(seconds: 3, passes: 30))] } ?? [],
      trainings: results.enumerated().map { index, result in
        .init(
          seed: UInt64(index), reports: [report(1, 0.25), report(2, result)], criterion: accuracy, target: 0.7)
      })
  }

  private let accuracy = Criterion(name: "accuracy", direction: .larger)

  @Test func aTrainingSumsItsEpochs() {
    let reports = [report(1, 0.25), report(2, 0.75, seconds: 3), report(3, 0.5)]
    let training = ComparisonResults.Training(seed: 7, reports: reports, criterion: accuracy, target: 0.7)
    #expect(training.result == 0.5 && training.epochs == 3 && training.trainingLoss == 0.25)
    #expect(training.cost == Cost(seconds: 7, passes: 18))
    #expect(training.costOfTarget == Cost(seconds: 5, passes: 12))
    let best = ComparisonResults.Training(
      seed: 7, reports: reports, criterion: accuracy, target: nil, stopsEarly: true)
    #expect(best.result == 0.75 && best.cost == training.cost)
    let never = ComparisonResults.Training(seed: 7, reports: reports, criterion: accuracy, target: 0.8)
    #expect(never.costOfTarget == nil)
    #expect(ComparisonResults.Training(seed: 7, reports: [], criterion: accuracy, target: 0.1).result.isNaN)
  }

  @Test func theBestIsTheOneWithTheBestMean() {
    let rows = [row("adam", [0.5, 0.75]), row("samt", [0.75, 0.75]), row("sgd", [.nan, 1])]
    #expect(ComparisonResults(criterion: accuracy, target: nil, rows: rows).best?.method == "samt")
    let loss = Criterion(name: "accuracy", direction: .smaller)
    #expect(ComparisonResults(criterion: loss, target: nil, rows: rows).best?.method == "adam")
    #expect(ComparisonResults(criterion: accuracy, target: nil, rows: [rows[2]]).best == nil)
    #expect(rows[0].mean == 0.625 && rows[0].deviation == 0.03125.squareRoot())
    #expect(row("adam", [0.5]).deviation == nil)
  }

  @Test func theTableSaysHowFarEachIsFromTheBest() {
    let results = ComparisonResults(
      criterion: accuracy, target: 0.7,
      rows: [row("samt", [0.75, 0.875]), row("adam", [0.5, 0.625], rate: 0.002)])
    #expect(
      ComparisonTable(results).text == """
        method  test accuracy  deviation  to the best         95% interval  training loss  epochs  seconds  layer passes  seconds to 0.7  passes to 0.7   rate  rates tried  search seconds
        samt           0.8125     0.0884         best                              0.2500       2      4.0            12             4.0             12   none            0             0.0
        adam           0.5625     0.0884      -0.2500  -0.2500 ... -0.2500         0.2500       2      4.0            12           never          never  0.002            1             3.0
        """)
  }

  @Test func theCSVHasARowForEachTraining() {
    let results = ComparisonResults(
      criterion: accuracy, target: nil, rows: [row("samt", [0.75]), row("adam", [0.5, 0.625], rate: 0.002)])
    #expect(
      results.csv == """
        method,rate,seed,epochs,accuracy,training_loss,seconds,passes
        samt,,0,2,0.75,0.25,4.0,12
        adam,0.002,0,2,0.5,0.25,4.0,12
        adam,0.002,1,2,0.625,0.25,4.0,12

        """)
  }

  @Test(arguments: [
    (Budget.epochs, 7), (.seconds(20), 5), (.seconds(0.1), 1), (.seconds(19), 5), (.passes(62), 5), (.passes(1), 1),
  ])
  func aBudgetIsTheNearestNumberOfWholeEpochs(budget: Budget, epochs: Int) {
    #expect(budget.epochs(planned: 7, after: report(2, 0.5, seconds: 4)) == epochs)
  }
}
