extension MDLAM {
  /// The variables before the first iteration: those of the model's forward pass, but that with classes as targets, z_L
  /// is 1 for the class and -1 elsewhere.
  func begin(at batch: Batch) {
    firstProduct.refresh(batch.inputs, layers[0].weight.value)
    for index in 0..<layers.count {
      let layer = layers[index]
      if index == 0 {
        firstProduct.writePreactivation(of: layer, into: &layer.preactivation)
      } else {
        Kernels.multiply(
          layers[index - 1].activation, layer.weight.value, transposeB: true, into: &layer.preactivation,
          bias: layer.bias?.value)
      }
      if index < layers.count - 1 {
        Kernels.apply(.relu, to: layer.preactivation, into: &layer.activation)
      } else if case .classes(let labels) = batch.targets {
        Kernels.copy(layer.preactivation, into: &layer.residual)
        layer.preactivation.setToSigns(of: labels)
        Kernels.add(layer.preactivation, scaledBy: -1, to: &layer.residual)
      }
    }
  }

  /// Every residual, and the first layer's product, anew.
  func refreshResiduals(_ inputs: Tensor) {
    firstProduct.refresh(inputs, layers[0].weight.value)
    for index in 0..<layers.count {
      let layer = layers[index]
      layer.writeResidual(index == 0 ? inputs : layers[index - 1].activation, into: &layer.residual)
    }
  }
}

extension Tensor {
  /// 1 at each row's label, -1 elsewhere.
  fileprivate mutating func setToSigns(of labels: ArraySlice<Int32>) {
    let columns = shape.elementsPerRow
    withMutableSpan { elements in
      for i in 0..<labels.count {
        let label = Int(labels[labels.startIndex + i])
        for j in 0..<columns { elements[i * columns + j] = j == label ? 1 : -1 }
      }
    }
  }
}
