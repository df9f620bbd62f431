import SAMT

/// A training method on a network, to be timed on several ranks.
struct ScalingCase {
  let method: String
  let network: String
  /// Examples of all ranks together.
  let batchSize: Int
  let makeModel: () throws(SAMTError) -> Model
  let makeAlgorithm: (Model) throws(SAMTError) -> any TrainingAlgorithm

  var kernel: String { "scaling" }
  var name: String { "\(method) \(network) batch \(batchSize)" }

  /// Left out of quick runs: what takes a core longer than some tenths of a second.
  var isLarge: Bool {
    let forward = (try? makeModel().operations) ?? 0
    return 3 * Double(batchSize * forward) > 5e9
  }
}

/// Whole training steps, each on a large and a small minibatch: the time of one of any size follows from the two.
func scalingCases() -> [ScalingCase] {
  networks.flatMap { network in
    network.batchSizes.flatMap { batchSize in
      methods.filter { network.methods.contains($0.name) }.map { method in
        ScalingCase(
          method: method.name, network: network.name, batchSize: batchSize, makeModel: network.make,
          makeAlgorithm: method.make)
      }
    }
  }
}

private struct Network: Sendable {
  let name: String
  let batchSizes: [Int]
  let methods: [String]
  let make: @Sendable () throws(SAMTError) -> Model
}

private let networks = [
  Network(name: "784-400-10", batchSizes: [16, 128], methods: ["adam", "samt-s"]) { () throws(SAMTError) in
    try Model(input: [784]) {
      Linear(784, 400)
      ReLU()
      Linear(400, 10)
    }
  },
  Network(name: "lenet5", batchSizes: [16, 128], methods: ["adam", "samt-s"]) { () throws(SAMTError) in
    try Model.leNet5()
  },
  Network(name: "resnet20", batchSizes: [8, 64], methods: ["adam"]) { () throws(SAMTError) in try Model.resNet20() },
  Network(name: "resnet18", batchSizes: [2, 16], methods: ["adam", "samt-s"]) { () throws(SAMTError) in
    try Model.resNet18()
  },
]

private struct Method: Sendable {
  let name: String
  let make: @Sendable (Model) throws(SAMTError) -> any TrainingAlgorithm
}

private let methods = [
  Method(name: "adam") { model throws(SAMTError) in Backpropagation(try Adam(model.parameters)) },
  Method(name: "samt-s") { model throws(SAMTError) in
    var configuration = SAMTOptimizer.Configuration()
    configuration.stepSizes = StepSizes(.scalar)
    return try SAMTOptimizer(for: model, configuration)
  },
]
