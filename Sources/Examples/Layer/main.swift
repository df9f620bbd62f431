// A layer of your own: its formulas, the check of its gradients, and a model that trains with it.

import Foundation
import SAMT

/// Gaussian bumps around trainable centers (Broomhead and Lowe 1988): y[i, u] = exp(-|x[i] - c[u]|^2).
///
/// X is (batch, inputs), Y is (batch, units), c is (units, inputs). The gradients need Y, which the executor keeps, so
/// there is nothing to save beside it.
final class RadialBasis: Layer {
  let name: String
  let centers: Parameter
  let parameters: [Parameter]
  private let (inputs, units): (Int, Int)

  init(_ inputs: Int, _ units: Int, name: String = "radial-basis") {
    self.name = name
    (self.inputs, self.units) = (inputs, units)
    centers = Parameter("centers", shape: [units, inputs], initializer: .uniform(bound: 2), isDecayed: false)
    parameters = [centers]
  }

  func outputShape(for input: Shape) throws(SAMTError) -> Shape {
    guard input.rank == 2, input[1] == inputs else {
      throw .shape(layer: name, expected: "[*, \(inputs)]", found: input)
    }
    return [input[0], units]
  }

  func forward(_ input: Tensor, into output: inout Tensor, saved: inout Void, mode: Mode) {
    input.withSpan { x in
      centers.value.withSpan { c in
        output.withMutableSpan { y in
          for i in 0..<y.count / units {
            for u in 0..<units {
              var distance: Float = 0
              for j in 0..<inputs {
                let difference = x[i * inputs + j] - c[u * inputs + j]
                distance += difference * difference
              }
              y[i * units + u] = exp(-distance)
            }
          }
        }
      }
    }
  }

  /// dx[i, j] = the sum over u of -2 dy[i, u] y[i, u] (x[i, j] - c[u, j]).
  func inputGradient(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, saved: inout Void, into inputGradient: inout Tensor
  ) {
    withSpans(outputGradient, input, output) { dy, x, y, c in
      inputGradient.withMutableSpan { dx in
        for i in 0..<y.count / units {
          for j in 0..<inputs {
            let k = i * inputs + j
            dx[k] = 0
            for u in 0..<units { dx[k] -= 2 * dy[i * units + u] * y[i * units + u] * (x[k] - c[u * inputs + j]) }
          }
        }
      }
    }
  }

  /// dc[u, j] = the sum over i of 2 dy[i, u] y[i, u] (x[i, j] - c[u, j]).
  func parameterGradients(_ outputGradient: Tensor, input: Tensor, output: Tensor, saved: inout Void) {
    withSpans(outputGradient, input, output) { dy, x, y, c in
      centers.gradient.withMutableSpan { dc in
        for u in 0..<units {
          for j in 0..<inputs {
            let k = u * inputs + j
            dc[k] = 0
            for i in 0..<y.count / units {
              dc[k] += 2 * dy[i * units + u] * y[i * units + u] * (x[i * inputs + j] - c[k])
            }
          }
        }
      }
    }
  }

  /// Calls `body` with the elements of dy, x, y and c.
  private func withSpans(
    _ outputGradient: Tensor, _ input: Tensor, _ output: Tensor,
    _ body: (Span<Float>, Span<Float>, Span<Float>, Span<Float>) -> Void
  ) {
    outputGradient.withSpan { dy in
      input.withSpan { x in output.withSpan { y in centers.value.withSpan { c in body(dy, x, y, c) } } }
    }
  }
}

// The check compares what the two gradient functions write with numerical derivatives of what `forward` computes, for
// the input and for each parameter. A factor forgotten in either shows.
let layer = RadialBasis(3, 5)
var generator = Generator(seed: 1)
layer.initialize(using: &generator)
let check = try GradientCheck().check(layer, input: GradientCheck.values([4, 3], seed: 2))
for tensor in check.tensors { print("gradient of \(tensor.name): relative error \(tensor.relativeError)") }
guard check.passes() else { fatalError("the gradients are wrong: \(check)") }

/// Points of a square, of class 1 where they lie on a ring, which no line sets apart.
func rings(count: Int, seed: UInt64) -> Dataset {
  var generator = Generator(seed: seed)
  let points = (0..<2 * count).map { _ in Float(generator.uniform(in: -2...2)) }
  let labels = (0..<count).map { i -> Int32 in
    let radius = (points[2 * i] * points[2 * i] + points[2 * i + 1] * points[2 * i + 1]).squareRoot()
    return 0.8...1.6 ~= radius ? 1 : 0
  }
  return Dataset(inputs: Tensor(points, shape: [count, 2]), labels: labels, classCount: 2)
}

// In a model it is a layer like any other, here below one that weighs the bumps.
let model = try Model(input: [2], seed: 0) {
  RadialBasis(2, 24)
  Linear(24, 2)
}
var configuration = Trainer.Configuration()
configuration.epochs = 40
configuration.batchSize = 50
let algorithm = Backpropagation(try Adam(model.parameters, learningRate: 0.03))
let trainer = try Trainer(model: model, algorithm: algorithm, configuration: configuration)
let reports = try trainer.fit(rings(count: 2000, seed: 0), test: rings(count: 1000, seed: 1))
let accuracy = reports.last!.test!.metrics["accuracy"]!
print("test accuracy \(accuracy)")
guard accuracy >= 0.95 else { fatalError("the test accuracy should be at least 0.95") }
