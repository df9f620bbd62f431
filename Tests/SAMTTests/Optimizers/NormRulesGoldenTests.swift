import Foundation
import SAMT
import Testing

/// A hundred steps against numbers from an independent script, Golden/norm_rules.py.
@Suite struct NormRulesGoldenTests {
  private static let rules: [String: @Sendable ([Parameter]) throws -> any Optimizer] = [
    "Muon": { try Muon.withAdamW($0, learningRate: 0.02, weightDecay: 0.1, adamLearningRate: 0.01) },
    "Muon, as AdamW": { parameters in
      var configuration = Muon.Configuration()
      configuration.momentum = 0.8
      configuration.isNesterov = false
      configuration.scale = .matchRMSAdamW
      return try Muon.withAdamW(parameters, learningRate: 0.01, weightDecay: 0, configuration: configuration)
    },
    "Scion": { try Scion($0, learningRate: 0.05, alpha: 0.1) },
    "Scion, unconstrained": { parameters in
      let balls: ParameterGroups<Scion.Ball> = ParameterGroups(
        ["matrix": .init(.inputSpectral, radius: 2), "kernels": .init(.sign, radius: 16)], rest: .init(radius: 2))
      return try Scion(parameters, balls: balls, learningRate: 0.01, isConstrained: false)
    },
  ]

  private static let shapes: [(name: String, shape: Shape)] = [
    ("matrix", [6, 4]), ("kernels", [3, 2, 3, 3]), ("bias", [6]),
  ]

  /// scale sin(0.37 i^2 + phase), i counting from 1: the formula from which the script too makes its inputs.
  private func numbers(_ shape: Shape, phase: Double, scale: Double) -> Tensor {
    Tensor((1...shape.count).map { Float(scale * sin(0.37 * Double($0) * Double($0) + phase)) }, shape: shape)
  }

  @Test func everyRuleHasGoldenNumbers() {
    #expect(Set(NormRulesGoldenTests.rules.keys) == Set(NormRulesGolden.rules.keys))
  }

  @Test(arguments: rules.keys.sorted()) func aHundredSteps(name: String) throws {
    let golden = try #require(NormRulesGolden.rules[name])
    let parameters = NormRulesGoldenTests.shapes.map { name, shape in
      Parameter(name, shape: shape, initializer: .zeros, isDecayed: name != "bias")
    }
    for (index, parameter) in parameters.enumerated() {
      parameter.value = numbers(parameter.shape, phase: 0.3 + Double(index), scale: 0.5)
    }
    let optimizer = try NormRulesGoldenTests.rules[name]!(parameters)
    for step in 1...100 {
      for (index, parameter) in parameters.enumerated() {
        parameter.gradient = numbers(parameter.shape, phase: 0.9 * Double(step) + 2 * Double(index), scale: 0.8)
      }
      optimizer.update(scale: 1, loss: 1)
    }
    for parameter in parameters {
      let (values, tolerance) = try #require(golden[parameter.name])
      let found = parameter.value.elements
      try #require(found.count == values.count)
      for i in found.indices {
        let error = abs(Double(found[i]) - values[i])
        #expect(error <= tolerance, "\(name), \(parameter.name)[\(i)]: \(found[i]), not \(values[i])")
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
