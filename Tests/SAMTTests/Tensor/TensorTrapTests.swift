import SAMT
import Testing

/// Programmer's errors stop the process, with both shapes in the message.
@Suite struct TensorTrapTests {
  @Test func elementsForAnotherShape() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor([1, 2, 3], shape: [2, 2])
    }
    expectMessage(result, "3 elements", "[2, 2]")
  }

  @Test func reshapingToAnotherCount() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor(zeros: [4, 3]).reshaped(to: [5, 2])
    }
    expectMessage(result, "[4, 3]", "[5, 2]")
  }

  @Test func rowsOutsideTheAxis() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor(zeros: [4, 3])[rows: 2..<5]
    }
    expectMessage(result, "2..<5", "[4, 3]")
  }

  @Test func productsOfUnequalInnerLengths() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var product = Tensor(zeros: [2, 4])
      Kernels.multiply(Tensor(zeros: [2, 3]), Tensor(zeros: [5, 4]), into: &product)
    }
    expectMessage(result, "[2, 3]", "[5, 4]")
  }

  @Test func productsIntoAnotherShape() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var product = Tensor(zeros: [2, 5])
      Kernels.multiply(Tensor(zeros: [2, 3]), Tensor(zeros: [3, 4]), into: &product)
    }
    expectMessage(result, "[2, 4]", "[2, 5]")
  }

  @Test func elementwiseOperandsOfUnequalCounts() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var sum = Tensor(zeros: [2, 5])
      Kernels.add(Tensor(zeros: [3, 4]), to: &sum)
    }
    expectMessage(result, "[3, 4]", "[2, 5]")
  }

  @Test func aLabelAboveTheClasses() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var gradient = Tensor(zeros: [2, 3])
      _ = Kernels.softmaxCrossEntropy(logits: Tensor(zeros: [2, 3]), labels: [0, 3], gradient: &gradient)
    }
    expectMessage(result, "label 3", "[2, 3]")
  }

  @Test func aNegativeLabel() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Kernels.countCorrect(logits: Tensor(zeros: [2, 3]), labels: [-1, 0])
    }
    expectMessage(result, "label -1", "[2, 3]")
  }

  @Test func labelsForAnotherBatch() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Kernels.countCorrect(logits: Tensor(zeros: [2, 3]), labels: [0])
    }
    expectMessage(result, "1 labels", "[2, 3]")
  }

  @Test func squaredErrorOfUnequalShapes() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var gradient = Tensor(zeros: [2, 3])
      _ = Kernels.meanSquaredError(Tensor(zeros: [2, 3]), target: Tensor(zeros: [3, 2]), gradient: &gradient)
    }
    expectMessage(result, "[2, 3]", "[3, 2]")
  }
}
