// A regression from a table: read a CSV file, train with early stopping, save the model, read it back and predict.
//
//     swift run -c release example-regression [FILE [COLUMN]]
//
// predicts a column of the file, by default its last one. Without a file it writes a table of flats and predicts rents.

import Foundation
import SAMT

/// A table as programs for spreadsheets write it: semicolons, decimal commas, quoted texts with semicolons and quotes in
/// them, cells without a value.
func flats(count: Int) -> String {
  let districts = [("Harbour", 1.3), ("\"Old town; east\"", 1.1), ("\"The \"\"Lanes\"\"\"", 0.9), ("Hill", 0.8)]
  var generator = Generator(seed: 1)
  var lines = ["district;area;built;balcony;rent"]
  for _ in 0..<count {
    let (district, factor) = districts[generator.integer(in: 0...3)]
    let area = generator.uniform(in: 25...120)
    let year = generator.integer(in: 1900...2020)
    let balcony = generator.integer(in: 0...1)
    let age = Double(2020 - year) / 120
    let rent = factor * area * (12 - 4 * age) + 60 * Double(balcony) + 25 * generator.normal()
    let built = generator.uniform() < 0.1 ? "" : "\(year)"
    let numbers = [area, rent].map { "\(($0 * 10).rounded() / 10)".replacingOccurrences(of: ".", with: ",") }
    lines.append("\(district);\(numbers[0]);\(built);\(balcony == 1 ? "yes" : "no");\(numbers[1])")
  }
  return lines.joined(separator: "\n") + "\n"
}

let folder = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())")
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(at: folder) }

let arguments = CommandLine.arguments.dropFirst()
let path = arguments.first ?? folder.appendingPathComponent("flats.csv").path
if arguments.isEmpty { try flats(count: 1000).write(toFile: path, atomically: true, encoding: .utf8) }

// A fifth of the rows is to test on, and a fifth of the others says when the training is over. What the columns mean is
// learned from the rest alone: means and deviations of numbers, the categories of
// texts, and where values are missing.
let table = try CSVFile(contentsOf: path)
let target = arguments.dropFirst().first ?? table.columns.last!
let split = try TestSplit(count: table.rowCount, testFraction: 0.2, seed: 0)
let inner = try TestSplit(count: split.training.count, testFraction: 0.2, seed: 1)
let trainingRows = inner.training.map { split.training[$0] }
let preprocessing = try TablePreprocessing(
  fitting: table, rows: trainingRows, roles: TableRoles(targets: [target], task: .regression))
let training = try preprocessing.dataset(of: table, rows: trainingRows)
let validation = try preprocessing.dataset(of: table, rows: inner.test.map { split.training[$0] })
let test = try preprocessing.dataset(of: table, rows: split.test)
print("\(table.rowCount) rows, \(table.columns.count - 1) columns to \(preprocessing.inputCount) inputs")

// The network sees standardized values; the metrics are in the units of the table.
let model = try Model.mlp(inputs: preprocessing.inputCount, hidden: [32], outputs: 1, seed: 0)
model.tablePreprocessing = preprocessing
let loss = MeanSquaredError()
let metrics = loss.metrics(for: preprocessing)
var configuration = Trainer.Configuration()
configuration.epochs = 200
configuration.batchSize = 32
let algorithm = Backpropagation(try Adam(model.parameters, learningRate: 0.005))
let trainer = try Trainer(
  model: model, algorithm: algorithm, loss: loss, metrics: metrics, configuration: configuration)
trainer.earlyStopping = try EarlyStopping(of: model, patience: 20)
try trainer.fit(training, validation: validation)
print("best of \(trainer.reports.count) epochs: \(trainer.earlyStopping!.bestEpoch!)")

let result = try Evaluator(model, loss: loss, metrics: metrics).evaluate(test)
let (rmse, r2) = (result.metrics["rmse"]!, result.metrics["r2"]!)
print("test rmse \(rmse), r2 \(r2)")

// The file has what is needed to predict: architecture, weights, and what the columns mean.
let file = folder.appendingPathComponent("model.safetensors").path
try model.save(to: file)
let saved = try Model(contentsOf: file)
guard let columns = saved.tablePreprocessing, case .values(let values) = columns.target else {
  fatalError("the file should say what the columns mean")
}
let inputs = try columns.encode(table, rows: split.test).inputs
let outputs = saved(inputs).elements
let predictions = outputs.map { values[0].number(of: $0) }
let truths = try split.test.map { row in try table.text(row: row, column: target) }
for (row, (truth, prediction)) in zip(split.test, zip(truths, predictions)).prefix(5) {
  print("row \(row + 1): \(target) \(truth), predicted \(prediction)")
}
guard outputs == model(inputs).elements else { fatalError("the saved model should predict as the trained one does") }

// The flats' rents are known to the last digit: what the predictions are off by must come to the error that was measured.
if arguments.isEmpty {
  let rents = truths.map { Double($0.replacingOccurrences(of: ",", with: "."))! }
  let squares = zip(predictions, rents).map { ($0 - $1) * ($0 - $1) }
  let expected = (squares.reduce(0, +) / Double(squares.count)).squareRoot()
  guard abs(rmse - expected) <= 1e-4 * expected else { fatalError("the rmse should be \(expected)") }
  guard r2 >= 0.95 else { fatalError("r2 should be at least 0.95") }
}
