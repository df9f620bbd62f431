import Foundation
import SAMT
import SAMTTestSupport
import Testing

@Suite struct ContainerTests {
  @Test func namesArePaths() throws {
    let model = try Model(input: [6]) {
      Linear(6, 6, name: "stem")
      Sequential("stage1") {
        Residual {
          Linear(6, 6)
          Tanh()
          Linear(6, 6)
        }
        Tanh()
        Residual("wide") {
          Linear(6, 8)
        } projection: {
          Linear(6, 8)
        }
        Residual { Sequential { Linear(8, 8) } }
      }
      Sequential { Linear(8, 4) }
      Sequential { Linear(4, 4) }
    }
    #expect(
      model.layerNames == [
        "stem", "stage1.0.linear1", "stage1.0.tanh", "stage1.0.linear2", "stage1.tanh",
        "stage1.wide.downsample.linear", "stage1.wide.linear", "stage1.1.0.linear", "0.linear", "1.linear",
      ])
    #expect(model.trainableLayers == [0, 1, 3, 5, 6, 7, 8, 9])
    #expect(model.outputShape == [4])
    #expect(model.parameters.count == 16)
  }

  @Test func equalNamesOfContainersAreNumbered() throws {
    let model = try Model(input: [3]) {
      Sequential("block") { Linear(3, 3) }
      Sequential("block") { Linear(3, 3) }
    }
    #expect(model.layerNames == ["block1.linear", "block2.linear"])
  }

  @Test func containersMayBeEmpty() throws {
    let model = try Model(input: [3]) {
      Sequential("nothing") {}
      Residual {
        Linear(3, 3)
        Sequential {}
      } projection: {
        Sequential {}
      }
    }
    #expect(model.layerNames == ["0.linear"])
  }

  @Test func shapeErrorsNameThePath() {
    #expect(throws: SAMTError.shape(layer: "a.0.linear2", expected: "[*, 5]", found: [1, 4])) {
      try Model(input: [3]) {
        Sequential("a") {
          Residual {
            Linear(3, 4)
            Linear(5, 3)
          }
        }
      }
    }
    #expect(throws: SAMTError.shape(layer: "a.0", expected: "[1, 4] around the body", found: [1, 3])) {
      try Model(input: [3]) { Sequential("a") { Residual { Linear(3, 4) } } }
    }
    #expect(throws: SAMTError.shape(layer: "0", expected: "[1, 3] around the body", found: [1, 4])) {
      try Model(input: [3]) {
        Residual {
          Linear(3, 3)
        } projection: {
          Linear(3, 4)
        }
      }
    }
  }

  @Test func namesThatWillNotDo() {
    func message(_ build: () throws -> Model) -> String? {
      do {
        _ = try build()
        return nil
      } catch { return "\(error)" }
    }
    let bodiless = message { try Model(input: [3]) { Residual("r") {} } }
    #expect(bodiless == "r: the body of a residual connection needs a layer")
    #expect(message { try Model(input: [3]) { Sequential("a") {} } } == "a model needs at least one layer")
    #expect(message { try Model(input: [3]) { Sequential("a.b") { ReLU() } } }?.contains("\"a.b\"") == true)
    #expect(message { try Model(input: [3]) { ReLU(name: "") } }?.contains("\"\"") == true)
    let clash = message {
      try Model(input: [3]) {
        Residual("r") {
          Sequential("downsample") { ReLU() }
        } projection: {
          ReLU()
        }
      }
    }
    #expect(clash == "two layers are named r.downsample.relu")
  }

  /// y = W2 tanh(W1 x + b1) + b2 + x, and with P x + c for x.
  @Test(arguments: [false, true]) func aResidualConnectionAdds(isProjected: Bool) throws {
    let model = try Model(input: [5], seed: 3) {
      Residual {
        Linear(5, 7)
        Tanh()
        Linear(7, 5)
      } projection: {
        if isProjected { Linear(5, 5) }
      }
    }
    let inputs = GradientCheck.values([4, 5], seed: 1)
    let x = Matrix(inputs)
    func applied(_ layer: Int, to x: Matrix) -> Matrix {
      let linear = model.layers[layer] as! Linear
      let weight = Matrix(linear.weight.value), bias = linear.bias!.value.elements
      let product = x * weight.transposed
      return Matrix(product.rows, product.columns) { product[$0, $1] + Double(bias[$1]) }
    }
    let first = isProjected ? 1 : 0
    let inner = applied(first, to: x)
    let body = applied(first + 2, to: Matrix(inner.rows, inner.columns) { tanh(inner[$0, $1]) })
    let shortcut = isProjected ? applied(0, to: x) : x
    let expected = Matrix(4, 5) { body[$0, $1] + shortcut[$0, $1] }
    // Values below 4, a dozen products summed in single precision.
    #expect(relativeError(Matrix(model(inputs)).elements, expected.elements) <= 16 * 0x1p-24)
  }
}
