/// What one call comes to, and so in which unit its speed is given and what it is held against.
enum Work {
  /// Floating-point operations, held against the peak of multiply-adds.
  case operations(Double)
  /// Bytes that must be read or written however the kernel goes about it, held against the read bandwidth of the level
  /// of memory that holds the operands.
  case traffic(bytes: Double)

  /// Operations or bytes.
  var amount: Double {
    switch self {
    case .operations(let count): count
    case .traffic(let bytes): bytes
    }
  }
}

/// One kernel at one size.
struct BenchmarkCase {
  /// The kernel's name.
  let kernel: String
  /// The size, and whatever else tells it from the kernel's other cases.
  let name: String
  let work: Work
  /// Bytes of all operands together.
  let footprint: Int
  /// What one call is, where calls a second are worth printing: "steps".
  var unit: String?
  /// Which of its implementations the kernel takes for this size, where it has several.
  var path: String?
  /// Makes the operands; they live as long as what this returns.
  let prepare: () throws -> PreparedCase

  /// Left out of quick runs.
  var isLarge: Bool {
    if case .operations(let count) = work, count > 1e9 { return true }
    return footprint > 32 << 20
  }
}

/// A case with its operands.
struct PreparedCase {
  /// Compares the kernel with a plain reference in double precision; what is wrong, or nil.
  let verify: () -> String?
  /// The call to time.
  let body: Body
  /// Others' calls that come to the same, to be timed in turns with it.
  var peers: [PeerCall] = []
}

/// What another library does in a case's place, on the same operands.
struct PeerCall {
  let name: String
  /// What the library says about itself, the kernels that it chose for this CPU among it.
  let version: String?
  let verify: () -> String?
  let body: Body
}
