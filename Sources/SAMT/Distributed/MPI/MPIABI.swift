/// How an MPI library is called: its handles, as the words that stand for them.
///
/// A handle is a pointer in Open MPI and in MPI 5's ABI, and an `int` in MPICH. Each is passed as a whole word: where the
/// library expects an `int`, it reads the low half.
struct MPIABI: Equatable {
  let name: String
  /// `MPI_COMM_WORLD`.
  let world: UInt
  /// `MPI_BYTE`.
  let byte: UInt
  /// `MPI_THREAD_FUNNELED`: only one thread makes calls.
  let threadFunneled: Int32

  /// The ABI of MPI 5.0 (section 20 of the standard), for whatever implementation.
  static let standard = MPIABI(name: "MPI-5 ABI", world: 0x101, byte: 0x247, threadFunneled: 1024)

  /// MPICH's, which Intel MPI, MVAPICH and Cray MPICH share.
  static let mpich = MPIABI(name: "MPICH ABI", world: 0x4400_0000, byte: 0x4c00_010d, threadFunneled: 1)

  /// Open MPI's: handles are addresses of variables in the library.
  static func openMPI(world: UnsafeMutableRawPointer, byte: UnsafeMutableRawPointer) -> MPIABI {
    MPIABI(name: "Open MPI ABI", world: UInt(bitPattern: world), byte: UInt(bitPattern: byte), threadFunneled: 1)
  }
}

/// Whose code an MPI library is; it must be that of the launcher.
enum MPIImplementation: String {
  case openMPI = "Open MPI"
  /// And what is made of it.
  case mpich = "MPICH"

  /// The implementation that says so of itself (`MPI_Get_library_version`); nil where it is another.
  init?(libraryVersion: String) {
    if libraryVersion.contains("Open MPI") {
      self = .openMPI
    } else if ["MPICH", "Intel(R) MPI", "MVAPICH"].contains(where: libraryVersion.contains) {
      self = .mpich
    } else {
      return nil
    }
  }

  /// The names of its libraries, those with the standard ABI first.
  var libraryNames: [String] {
    #if os(macOS)
      switch self {
      case .openMPI: ["libmpi_abi.1.dylib", "libmpi.40.dylib"]
      case .mpich: ["libmpi_abi.1.dylib", "libmpi.12.dylib"]
      }
    #else
      switch self {
      case .openMPI: ["libmpi_abi.so.1", "libmpi.so.40"]
      case .mpich: ["libmpi_abi.so.1", "libmpi.so.12", "libmpich.so.12"]  // the last one is Debian's name
      }
    #endif
  }
}
