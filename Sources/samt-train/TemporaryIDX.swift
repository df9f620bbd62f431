import Foundation
import SAMT
extension Dataset {
  static func loadMNIST(directory: String) throws(SAMTError) -> (training: Dataset, test: Dataset) {
    func load(_ name: String) -> Dataset {
      let images = try! Data(contentsOf: URL(fileURLWithPath: directory + "/\(name)-images-idx3-ubyte"))
      let labels = try! Data(contentsOf: URL(fileURLWithPath: directory + "/\(name)-labels-idx1-ubyte"))
      return Dataset(inputs: Tensor(images[16...].map { Float($0) / 255 }, shape: [labels.count - 8, 784]), labels: labels[8...].map { Int32($0) }, classCount: 10)
    }
    return (load("train"), load("t10k"))
  }
}
