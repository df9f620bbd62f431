// The kernels alone, without layers, models or training: products of matrices, convolutions, and memory that C owns.

import Foundation
import SAMT

// A product of matrices. A tensor takes an array and a shape, row by row; the result is written into one that is there.
let a = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
let b = Tensor([7, 8, 9, 10, 11, 12], shape: [3, 2])
var c = Tensor(zeros: [2, 2])
Kernels.multiply(a, b, into: &c)
print("product", c.elements)
guard c.elements == [58, 64, 139, 154] else { fatalError("the product should be [58, 64, 139, 154]") }

// A convolution: Sobel's horizontal slope of a picture whose rows and columns rise by 4 and by 1. A picture is (images,
// channels, height, width), weights are (filters, channels, height, width).
let picture = Tensor((0..<16).map(Float.init), shape: [1, 1, 4, 4])
let sobel = Tensor([-1, 0, 1, -2, 0, 2, -1, 0, 1], shape: [1, 1, 3, 3])
let geometry = Convolution2D(kernelSize: 3, algorithm: .direct)
var workspace = ConvolutionWorkspace(for: geometry, input: picture.shape, outputChannels: 1)
var slopes = Tensor(zeros: [1, 1, 2, 2])
Kernels.convolve(picture, sobel, into: &slopes, geometry, workspace: &workspace)
print("slopes ", slopes.elements)
guard slopes.elements == [8, 8, 8, 8] else { fatalError("all slopes should be 8") }

// Memory that C owns. A tensor adopts it without a copy, and the kernels write their results where C will read them. The
// last tensor that uses the memory calls `release`; who keeps the memory gives a closure that does nothing.
nonisolated(unsafe) var releases = 0
let side = 512
let memory = malloc(side * side * MemoryLayout<Float>.stride)!.bindMemory(to: Float.self, capacity: side * side)
do {
  var square = Tensor(adopting: memory, shape: [side, side], readOnly: false) {
    free($0)
    releases += 1
  }
  let ones = Tensor([Float](repeating: 1, count: side * side), shape: [side, side])
  Kernels.multiply(ones, ones, into: &square)
  print("C reads", memory[0], "to", memory[side * side - 1])
  guard (0..<side * side).allSatisfy({ memory[$0] == Float(side) }) else {
    fatalError("C should read \(side) everywhere")
  }
}
print("freed  ", releases, "time")
guard releases == 1 else { fatalError("the memory should be freed once") }
