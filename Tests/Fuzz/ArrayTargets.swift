extension FuzzTarget {
  /// Arrays of NumPy.
  static let npy = FuzzTarget(name: "npy") { input in
    expectDatasetError { () throws(SAMTError) in
      try read(try NPYFile(DataStream(bytes: input, path: "input")))
    }
  }

  /// Archives of arrays; every array in one is read.
  static let npz = FuzzTarget(name: "npz") { input in
    do throws(SAMTError) {
      let file = try NPZFile(.memory(input), path: "input")
      for name in file.names { try read(try file.array(name)) }
    } catch {
      guard case .dataset(let path, let reason) = error, path.hasPrefix("input"), !reason.isEmpty else {
        fatalError("\(error)")
      }
    }
  }

  /// Pictures of netpbm; what is one is made smaller and larger.
  static let pnm = FuzzTarget(name: "pnm") { input in
    expectDatasetError { () throws(SAMTError) in
      let pixels = try PNMFile(DataStream(bytes: input, path: "input")).pixels
      precondition(pixels.elements.allSatisfy { $0 >= 0 && $0 <= 1 })
      // Weights that add up to 1 but for their roundings.
      precondition(pixels.resized(to: Size2D(3, 5)).elements.allSatisfy { $0 >= -1e-3 && $0 <= 1.001 })
    }
  }

  private static func read(_ file: NPYFile) throws(SAMTError) {
    let tensor = try file.tensor()
    precondition(tensor.count == file.count)
    if file.type.kind != .float {
      let integers = try file.integers()
      precondition(integers.count == file.count)
    }
  }
}
