/// Compares the gradients that a layer, a loss or a model computes with numeric ones.
///
/// For layers of your own: run it on every new backward pass.
///
///     let layer = MyLayer()
///     var generator = Generator(seed: 1)
///     layer.initialize(using: &generator)
///     let result = try GradientCheck().check(layer, input: GradientCheck.values([4, 10], seed: 2))
///     #expect(result.passes(), "\(result)")
///
/// A layer is made a scalar function by fixed random weights: L = sum of w y, summed in double. With the difference
/// quotient D(h) = (L(x + h) - L(x - h)) / 2h, the numeric derivative is (4 D(h) - D(2h)) / 3 (Richardson 1911), whose
/// truncation error is h^4 / 30 times the fifth derivative: 3e-8 of it at the default step. Outputs are rounded to 24
/// bits, which leaves an error of some 2^-24 |y| / h, or 2e-6. So correct gradients agree to about 1e-5, and a step
/// much smaller or larger makes the check worse.
///
/// - A function must be smooth within twice the step around every value: keep the input of a ReLU away from 0, as
///   ``values(_:magnitudes:seed:)`` does, and judge models by smooth activations, or with biases that hold their
///   rectifiers away from the kink.
/// - Gradients are filled with NaN before the layer writes them, so one that is added to, or left out, is found.
/// - What is random about a batch is drawn once: a dropout mask stays the same through the whole check.
/// - Parameters are checked where they stand, so initialize the layer first: all zeros would check little, and a tensor
///   whose gradients are all zero fails. Parameters have their values back afterwards; their gradients are those of the
///   check.
public struct GradientCheck: Sendable {
  /// h, the distance to the nearer of the two pairs of points, for values of order one; where the root mean square of
  /// a tensor's elements is above one, h is this many times that.
  public var step: Float = 1 / 32
  /// How many entries of a tensor are compared, chosen at random where it has more; each costs four evaluations.
  public var entriesPerTensor = 256
  /// Where the weights of the objective and the choice of entries come from.
  public var seed: UInt64 = 0

  /// The default settings.
  public init() {}

  /// Random values, of either sign, with magnitudes uniform in the given range: bounded away from a kink at 0 by its
  /// lower end, which must be more than twice the step.
  public static func values(_ shape: Shape, magnitudes: ClosedRange<Float> = 0.1...1, seed: UInt64) -> Tensor {
    values(shape, magnitudes, Generator(seed: seed, for: .checkedValues))
  }

  private static func values(_ shape: Shape, _ magnitudes: ClosedRange<Float>, _ generator: Generator) -> Tensor {
    var generator = generator
    var values = Tensor(zeros: shape)
    values.withMutableSpan { span in
      for i in span.indices {
        let sign: Float = generator.uniform() < 0.5 ? -1 : 1
        let width = magnitudes.upperBound - magnitudes.lowerBound
        span[i] = sign * (magnitudes.lowerBound + width * Float(generator.uniform()))
      }
    }
    return values
  }

  /// Compares a layer's gradients with respect to its input and to each of its parameters.
  ///
  /// - Parameter input: [batch, ...], a shape the layer takes; its values are where the derivatives are taken.
  /// - Throws: ``SAMTError/shape(layer:expected:found:)`` where the layer cannot take the input.
  public func check<L: Layer>(_ layer: L, input: Tensor) throws(SAMTError) -> Result {
    var output = Tensor(zeros: try layer.outputShape(for: input.shape))
    let weights = GradientCheck.values(output.shape, 0.5...1, Generator(seed: seed, for: .checkedWeights))
    for parameter in layer.parameters { parameter.makeValue() }
    var saved = layer.makeSaved(for: input.shape)
    layer.beginBatch(&saved, mode: .training)

    func objective(_ input: Tensor) -> Double {
      layer.forward(input, into: &output, saved: &saved, mode: .training)
      return weightedSum(output, weights)
    }
    _ = objective(input)
    let noise = rounding * weightedNorm(output, weights)
    var gradient = nans(input.shape)
    layer.inputGradient(weights, input: input, output: output, saved: &saved, into: &gradient)
    for parameter in layer.parameters { parameter.gradient = nans(parameter.shape) }
    layer.parameterGradients(weights, input: input, output: output, saved: &saved)

    var moved = input
    var tensors = [
      compare("input", gradient: gradient, values: input, noise: noise) { index, value in
        moved.withMutableSpan { $0[index] = value }
        return objective(moved)
      }
    ]
    for parameter in layer.parameters {
      tensors.append(
        compare(parameter.name, gradient: parameter.gradient, values: parameter.value, noise: noise) { index, value in
          parameter.value.withMutableSpan { $0[index] = value }
          return objective(input)
        })
    }
    return Result(tensors: tensors)
  }

  /// Compares a loss's gradient with respect to the predictions.
  ///
  /// - Precondition: the targets are what the loss needs.
  public func check(_ loss: any Loss, predictions: Tensor, targets: Targets) -> Result {
    var gradient = nans(predictions.shape)
    let value = loss.evaluate(predictions, targets: targets, gradient: &gradient)
    var moved = predictions
    var unused = predictions
    let noise = rounding * max(abs(value), 1)
    return Result(tensors: [
      compare("predictions", gradient: gradient, values: predictions, noise: noise) { index, value in
        moved.withMutableSpan { $0[index] = value }
        return loss.evaluate(moved, targets: targets, gradient: &unused)
      }
    ])
  }

  /// Compares a model's gradients with respect to all its parameters and its input, the objective being the loss.
  ///
  /// - Precondition: the batch fits the model and the loss.
  public func check(_ model: Model, loss: any Loss, batch: Batch) -> Result {
    let executor = ModelExecutor(for: model, batchSize: batch.count)
    // The input is moved behind the executor's back, in memory that it shares: loading anew would draw new dropout masks.
    let memory = UnsafeMutablePointer<Float>.allocate(capacity: max(batch.inputs.count, 1))
    batch.inputs.withPointer { memory.initialize(from: $0, count: batch.inputs.count) }
    defer {
      executor.unload()
      memory.deallocate()
    }
    executor.load(Tensor(adopting: memory, shape: batch.inputs.shape, readOnly: true, release: { _ in }))
    let noise = rounding * max(abs(executor.evaluate(loss, batch.targets)), 1)
    for parameter in model.parameters { parameter.gradient = nans(parameter.shape) }
    for layer in model.trainableLayers.reversed() { executor.backward(to: layer) }
    var gradient = nans(batch.inputs.shape)
    executor.inputGradient(into: &gradient)

    var tensors = [
      compare("input", gradient: gradient, values: batch.inputs, noise: noise) { index, value in
        memory[index] = value
        executor.invalidate(from: 0)
        return executor.evaluate(loss, batch.targets)
      }
    ]
    for layer in model.trainableLayers {
      for parameter in model.layers[layer].parameters {
        let name = "\(model.layerNames[layer]).\(parameter.name)"
        tensors.append(
          compare(name, gradient: parameter.gradient, values: parameter.value, noise: noise) { index, value in
            parameter.value.withMutableSpan { $0[index] = value }
            executor.invalidate(from: layer)
            return executor.evaluate(loss, batch.targets)
          })
      }
    }
    return Result(tensors: tensors)
  }
}
