import Foundation
import Testing

@testable import SAMT

/// A hundred steps against numbers from an independent script, Golden/norm_rules.py.
@Suite struct NormRulesGoldenTests {
  /// What the script's parameters belong to: a linear layer 4 -> 6, and a convolution 2 -> 3 with stride 2.
  private static func layers() -> [any ProductLayer] {
    [Linear(4, 6), Conv2d(2, 3, kernelSize: 3, stride: 2, padding: 1, bias: false)]
  }

  private static let rules: [String: @Sendable ([any ProductLayer], [Parameter]) throws -> any Optimizer] = [
    "Muon": { _, parameters in
      try Muon.withAdamW(parameters, learningRate: 0.02, weightDecay: 0.1, adamLearningRate: 0.01)
    },
    "Muon, as AdamW": { _, parameters in
      var configuration = Muon.Configuration()
      configuration.momentum = 0.8
      configuration.isNesterov = false
      configuration.scale = .matchRMSAdamW
      return try Muon.withAdamW(parameters, learningRate: 0.01, weightDecay: 0, configuration: configuration)
    },
    "Scion": { _, parameters in try Scion(parameters, learningRate: 0.05, alpha: 0.1) },
    "Scion, unconstrained": { _, parameters in
      let balls: ParameterGroups<Scion.Ball> = ParameterGroups(
        ["linear.weight": .init(.inputSpectral, radius: 2), "conv.weight": .init(.sign, radius: 16)],
        rest: .init(radius: 2))
      return try Scion(parameters, balls: balls, learningRate: 0.01, isConstrained: false)
    },
    "AdaFisher": { layers, _ in try AdaFisher(layers) },
    "AdaFisherW": { layers, _ in try AdaFisher(layers, learningRate: 2e-4, interval: 40, weightDecay: 10) },
    "RAMDA": { _, parameters in try RAMDA(parameters, weightDecay: 0.5) },
    "RAMDA, group lasso": { _, parameters in try RAMDA(parameters, groupLasso: 0.12) },
    "AdaS": { _, parameters in try AdaS(parameters, stepsPerEpoch: 20, weightDecay: 0.01) },
    "AdaS, a gain that comes and goes": { _, parameters in
      try AdaS(parameters, stepsPerEpoch: 10, learningRate: 0.3, zeta: 0.5)
    },
  ]

  @Test func everyRuleHasGoldenNumbers() {
    #expect(Set(NormRulesGoldenTests.rules.keys) == Set(NormRulesGolden.rules.keys))
  }

  @Test(arguments: rules.keys.sorted()) func aHundredSteps(name: String) throws {
    let golden = try #require(NormRulesGolden.rules[name])
    let layers = NormRulesGoldenTests.layers()
    let (linear, convolution) = (layers[0], layers[1])
    let bias = try #require(linear.bias)
    for layer in layers { for parameter in layer.parameters { parameter.path = "\(layer.name).\(parameter.name)" } }
    let parameters = [linear.weight, convolution.weight, bias]
    for (index, parameter) in parameters.enumerated() {
      parameter.value = goldenNumbers(parameter.shape, phase: 0.3 + Double(index), scale: 0.5)
    }
    let optimizer = try NormRulesGoldenTests.rules[name]!(layers, parameters)
    for step in 0..<100 {
      if let observer = optimizer as? any LayerObserver, observer.observesNextStep {
        func flow(_ shape: Shape, _ phase: Double) -> Tensor { goldenNumbers(shape, phase: phase, scale: 1) }
        let t = Double(step)
        func show(_ layer: any ProductLayer, input: Tensor, outputGradient: Tensor) {
          var squares = LayerMeanSquares(of: layer)
          squares.measure(layer, input: input, outputGradient: outputGradient)
          observer.observe(layer, squares)
        }
        show(convolution, input: flow([2, 2, 5, 5], 0.3 * t + 2), outputGradient: flow([2, 3, 3, 3], 0.4 * t + 3))
        show(linear, input: flow([5, 4], 0.1 * t), outputGradient: flow([5, 6], 0.2 * t + 1))
      }
      for (index, parameter) in parameters.enumerated() {
        parameter.gradient = goldenNumbers(
          parameter.shape, phase: 0.9 * Double(step + 1) + 2 * Double(index), scale: 0.8)
      }
      optimizer.update(scale: 1, loss: 1)
    }
    for (parameter, key) in zip(parameters, ["matrix", "kernels", "bias"]) {
      let (values, tolerance) = try #require(golden[key])
      let found = parameter.value.elements
      try #require(found.count == values.count)
      for i in found.indices {
        let error = abs(Double(found[i]) - values[i])
        #expect(error <= tolerance, "\(name), \(key)[\(i)]: \(found[i]), not \(values[i])")
      }
    }
  }

  @Test func settingsOutOfRangeAreTypedErrors() {
    let matrix = [Parameter("w", shape: [2, 3], initializer: .zeros, isDecayed: true)]
    let bias = [Parameter("b", shape: [2], initializer: .zeros, isDecayed: false)]
    func muon(_ change: (inout Muon.Configuration) -> Void) throws -> Muon {
      var configuration = Muon.Configuration()
      change(&configuration)
      return try Muon(matrix, configuration: configuration)
    }
    func scion(_ ball: Scion.Ball, _ parameters: [Parameter]) throws -> Scion {
      try Scion(parameters, balls: ParameterGroups(rest: ball))
    }
    let tries: [(String, () throws -> any Optimizer)] = [
      ("learning rate", { try Muon(matrix, learningRate: 0) }),
      ("weight decay", { try Muon(matrix, weightDecay: -1) }),
      ("b has shape [2]", { try Muon(bias) }),
      ("momentum", { try muon { $0.momentum = 1 } }), ("iterations", { try muon { $0.iterations = 7 } }),
      ("learning rate", { try Scion(matrix, learningRate: .infinity) }),
      ("alpha", { try Scion(matrix, alpha: 0) }), ("alpha", { try Scion(matrix, alpha: .nan) }),
      ("weight decay", { try Scion(matrix, weightDecay: .nan) }),
      ("w needs a radius", { try scion(.init(radius: 0), matrix) }),
      ("b of shape [2] has no norm spectral", { try scion(.init(.spectral), bias) }),
      ("w of shape [2, 3] has no norm convolution", { try scion(.init(.convolution), matrix) }),
      ("learning rate", { try AdaFisher([], learningRate: -1) }), ("beta", { try AdaFisher([], beta: 1) }),
      ("damping", { try AdaFisher([], damping: 0) }), ("gamma", { try AdaFisher([], gamma: .nan) }),
      ("interval", { try AdaFisher([], interval: 0) }), ("weight decay", { try AdaFisher([], weightDecay: -1) }),
      ("learning rate", { try RAMDA(matrix, learningRate: .nan) }), ("momentum", { try RAMDA(matrix, momentum: 0) }),
      ("epsilon", { try RAMDA(matrix, epsilon: 0) }), ("group lasso", { try RAMDA(matrix, groupLasso: -1) }),
      ("step an epoch", { try AdaS(matrix, stepsPerEpoch: 0) }),
      ("beta", { try AdaS(matrix, stepsPerEpoch: 1, beta: 1) }),
      ("momentum", { try AdaS(matrix, stepsPerEpoch: 1, momentum: -1) }),
      ("zeta", { try AdaS(matrix, stepsPerEpoch: 1, zeta: .infinity) }),
    ]
    for (word, make) in tries {
      let error = #expect(throws: SAMTError.self, "\(word)") { try make() }
      guard case .configuration(let problem) = error else {
        Issue.record("\(word): \(String(describing: error))")
        continue
      }
      #expect(problem.contains(word), "\(problem)")
    }
  }

  /// On the boundary: root mean squares, largest elements and nearly the spectral norms are the radii.
  @Test func scionBeginsOnItsBalls() throws {
    let model = try Model.mlp(inputs: 8, hidden: [6, 6], outputs: 4, seed: 1)
    let recipe = ScionRecipe.mlp
    try Scion(model.parameters, balls: recipe.balls(of: model.parameters)).moveToBoundary()
    for parameter in model.parameters {
      let values = parameter.value.elements.map(Double.init)
      let squares = values.reduce(0) { $0 + $1 * $1 }
      switch parameter.path {
      case "fc3.weight": #expect(values.allSatisfy { abs($0) == 1024 / 6 || abs(abs($0) - 1024 / 6) < 1e-4 })
      case "fc1.weight", "fc2.weight":
        // 6 singular values that the quintic leaves between 0.6 and 1.3.
        #expect(squares >= 6 * 0.36 && squares <= 6 * 1.69)
      default: #expect(abs(squares / Double(values.count) - 1) <= 1e-5)
      }
    }
  }
}
