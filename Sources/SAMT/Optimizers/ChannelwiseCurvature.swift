import Foundation

/// The curvature of one channel-wise parameter under ``SGDPartialHessian``.
struct ChannelwiseCurvature {
  let parameter: Parameter
  /// All parameters of its layer, whose gradients a look writes anew.
  let layer: [Parameter]
  /// D.
  private var curvature: Tensor
  private var looks = 0
  /// The gradient at p + h 1, and p.
  private var forward: Tensor
  private var start: Tensor

  /// Nothing known yet of the curvature.
  init(of parameter: Parameter, in layer: [Parameter]) {
    self.parameter = parameter
    self.layer = layer
    curvature = Tensor(zeros: parameter.shape)
    forward = Tensor(zeros: parameter.shape)
    start = Tensor(zeros: parameter.shape)
  }

  mutating func visitState(_ visitor: StateVisitor) {
    visitor.visit("curvature.\(parameter.path)", &curvature)
    visitor.visit("looks.\(parameter.path)", &looks)
  }

  /// Takes in the minibatch's curvature; values and gradients are the same again behind it.
  mutating func estimate(
    _ minibatch: some LoadedMinibatch, difference: Float, momentum: Float, holding held: inout [Tensor]
  ) {
    Kernels.copy(parameter.value, into: &start)
    for index in layer.indices {
      held[index].reshape(to: layer[index].shape)
      swap(&layer[index].gradient, &held[index])
    }
    displace(by: difference)
    minibatch.writeGradients(ofLayerWith: parameter)
    Kernels.copy(parameter.gradient, into: &forward)
    displace(by: -difference)
    minibatch.writeGradients(ofLayerWith: parameter)
    forward.withSpan { forward in
      parameter.gradient.withSpan { backward in
        curvature.withMutableSpan { curvature in
          for i in curvature.indices {
            let rowSum = (forward[i] - backward[i]) / (2 * difference)
            curvature[i] = momentum * curvature[i] + (1 - momentum) * abs(rowSum)
          }
        }
      }
    }
    looks += 1
    for index in layer.indices { swap(&layer[index].gradient, &held[index]) }
    Kernels.copy(start, into: &parameter.value)
  }

  /// p = start + difference 1.
  private func displace(by difference: Float) {
    start.withSpan { start in
      parameter.value.withMutableSpan { value in
        for i in value.indices { value[i] = start[i] + difference }
      }
    }
  }

  /// One step of the parameter.
  func move(
    velocity: inout Tensor, rate: Float, decayFactor: Float, momentum: Float, scale: Float, epsilon: Float
  ) {
    let numerator = scale * Float(1 - pow(Double(momentum), Double(max(looks, 1))))
    curvature.withSpan { curvature in
      parameter.gradient.withSpan { gradient in
        velocity.withMutableSpan { velocity in
          parameter.value.withMutableSpan { value in
            for i in value.indices {
              velocity[i] = momentum * velocity[i] + gradient[i]
              value[i] = decayFactor * value[i] - rate * numerator / (curvature[i] + epsilon) * velocity[i]
            }
          }
        }
      }
    }
  }
}
