import Foundation

/// An MPI library, opened at run time: no header and no package is needed to build for it, and none to run without it.
struct MPILibrary {
  /// Its path or name, as it was opened.
  let path: String
  /// The first line of what it says about itself.
  let version: String
  let implementation: MPIImplementation
  let abi: MPIABI

  /// Block, its bytes and `MPI_BYTE`, where to, the same, communicator: `MPI_Allgather`, `MPI_Alltoall`.
  typealias Collective =
    @convention(c) (
      UnsafeRawPointer?, Int32, UInt, UnsafeMutableRawPointer?, Int32, UInt, UInt
    ) -> Int32
  /// `MPI_Init_thread`: argument count and arguments, both absent; the level wanted, the level given.
  let initialize:
    @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, Int32, UnsafeMutablePointer<Int32>) -> Int32
  /// `MPI_Comm_rank` and `MPI_Comm_size`.
  let rank, size: @convention(c) (UInt, UnsafeMutablePointer<Int32>) -> Int32
  let allGather, allToAll: Collective
  /// `MPI_Abort`: communicator and status.
  let abort: @convention(c) (UInt, Int32) -> Int32
  let finalize: @convention(c) () -> Int32

  /// The library that works with the launcher: the one that `SAMT_MPI_LIBRARY` names, or the first by its usual names.
  ///
  /// - Throws: ``SAMTError/communication(_:)`` that lists what was tried.
  static func open(for launcher: MPILauncher, named name: String?) throws(SAMTError) -> MPILibrary {
    let implementations = launcher.implementation.map { [$0] } ?? [.openMPI, .mpich]
    var names: [String] = []
    for other in implementations.flatMap(\.libraryNames) where !names.contains(other) { names.append(other) }
    if let name { names = [name] }
    var problems: [String] = []
    for name in names {
      do throws(Refusal) {
        return try MPILibrary(name, for: launcher)
      } catch {
        problems.append("\(name): \(error.reason)")
      }
    }
    throw .communication(
      "\(launcher.name) started this process (\(launcher.variable) is set), but no MPI library of its kind can be "
        + "used; SAMT_MPI_LIBRARY names one. " + problems.joined(separator: "; "))
  }

  /// Why a library is not used.
  private struct Refusal: Error { let reason: String }

  private init(_ path: String, for launcher: MPILauncher) throws(Refusal) {
    // Its symbols stay its own until it is known to be the right one.
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw Refusal(reason: dlerror().map { String(cString: $0) } ?? "cannot be opened")
    }
    var isUsed = false
    defer { if !isUsed { dlclose(handle) } }
    func symbol<Function>(_ name: String, as _: Function.Type) throws(Refusal) -> Function {
      guard let symbol = dlsym(handle, name) else { throw Refusal(reason: "has no \(name)") }
      return unsafeBitCast(symbol, to: Function.self)
    }

    typealias Version = @convention(c) (UnsafeMutablePointer<CChar>, UnsafeMutablePointer<Int32>) -> Int32
    let text = MPILibrary.text(try symbol("MPI_Get_library_version", as: Version.self))
    version = text.split(separator: "\n").first.map(String.init) ?? ""
    guard let implementation = MPIImplementation(libraryVersion: text) else {
      throw Refusal(reason: "is neither Open MPI nor MPICH, but \"\(version)\"")
    }
    if let wanted = launcher.implementation, wanted != implementation {
      throw Refusal(reason: "is \(implementation.rawValue), which \(launcher.name) does not start")
    }
    self.path = path
    self.implementation = implementation
    if (path as NSString).lastPathComponent.hasPrefix("libmpi_abi.") {
      abi = .standard
    } else if let world = dlsym(handle, "ompi_mpi_comm_world"), let byte = dlsym(handle, "ompi_mpi_byte") {
      abi = .openMPI(world: world, byte: byte)
    } else {
      abi = .mpich
    }
    initialize = try symbol("MPI_Init_thread", as: type(of: initialize))
    rank = try symbol("MPI_Comm_rank", as: type(of: rank))
    size = try symbol("MPI_Comm_size", as: type(of: size))
    allGather = try symbol("MPI_Allgather", as: Collective.self)
    allToAll = try symbol("MPI_Alltoall", as: Collective.self)
    abort = try symbol("MPI_Abort", as: type(of: abort))
    finalize = try symbol("MPI_Finalize", as: type(of: finalize))
    // Open MPI's plug-ins look for the library's symbols among everyone's.
    _ = dlopen(path, RTLD_NOW | RTLD_GLOBAL)
    isUsed = true
  }

  private static func text(_ version: (UnsafeMutablePointer<CChar>, UnsafeMutablePointer<Int32>) -> Int32) -> String {
    var length: Int32 = 0
    // The longest text of any ABI (MPI_MAX_LIBRARY_VERSION_STRING).
    var characters = [CChar](repeating: 0, count: 8192)
    _ = version(&characters, &length)
    return String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
