import SAMT

/// What is wrong with a broken layer's backward pass.
package enum BackwardFault: CaseIterable, Sendable {
  /// The input gradient is 1 % too large.
  case inputScaled
  /// The input gradient has the wrong sign.
  case inputNegated
  /// The input gradient's last entry is not written.
  case inputEntryMissing
  /// The weight gradient is 1 % too large.
  case weightScaled
  /// The last parameter's gradient is not written.
  case lastParameterMissing
  /// Parameter gradients are added to what stands there.
  case parametersAdded

  /// Whether only a layer with parameters can have it.
  package var needsParameters: Bool {
    switch self {
    case .inputScaled, .inputNegated, .inputEntryMissing: false
    case .weightScaled, .lastParameterMissing, .parametersAdded: true
    }
  }
}

/// The negative control of a gradient check: another layer, with its backward pass broken on purpose.
package final class BrokenLayer<Base: Layer>: Layer {
  package typealias Saved = Base.Saved
  private let base: Base
  private let fault: BackwardFault

  package init(_ base: Base, _ fault: BackwardFault) {
    self.base = base
    self.fault = fault
  }

  package var name: String { base.name }
  package var parameters: [Parameter] { base.parameters }
  package func outputShape(for input: Shape) throws(SAMTError) -> Shape { try base.outputShape(for: input) }
  package func initialize(using generator: inout Generator) { base.initialize(using: &generator) }
  package func makeSaved(for input: Shape) -> Saved { base.makeSaved(for: input) }
  package func beginBatch(_ saved: inout Saved, mode: Mode) { base.beginBatch(&saved, mode: mode) }
  package func forward(_ input: Tensor, into output: inout Tensor, saved: inout Saved, mode: Mode) {
    base.forward(input, into: &output, saved: &saved, mode: mode)
  }

  package func inputGradient(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, saved: inout Saved, into gradient: inout Tensor
  ) {
    let before = gradient.elements
    base.inputGradient(outputGradient, input: input, output: output, saved: &saved, into: &gradient)
    switch fault {
    case .inputScaled: Kernels.scale(&gradient, by: 1.01)
    case .inputNegated: Kernels.scale(&gradient, by: -1)
    case .inputEntryMissing: gradient.withMutableSpan { $0[before.count - 1] = before[before.count - 1] }
    case .weightScaled, .lastParameterMissing, .parametersAdded: break
    }
  }

  package func parameterGradients(
    _ outputGradient: Tensor, input: Tensor, output: Tensor, saved: inout Saved
  ) {
    let before = parameters.map(\.gradient)
    base.parameterGradients(outputGradient, input: input, output: output, saved: &saved)
    switch fault {
    case .inputScaled, .inputNegated, .inputEntryMissing: break
    case .weightScaled: Kernels.scale(&parameters[0].gradient, by: 1.01)
    case .lastParameterMissing: parameters[parameters.count - 1].gradient = before[before.count - 1]
    case .parametersAdded:
      for (index, parameter) in parameters.enumerated() { Kernels.add(before[index], to: &parameter.gradient) }
    }
  }
}
