import Dispatch
import Foundation

/// The ranks of a job that `mpirun` or `srun` started, connected by an MPI library.
///
/// Calls that fail end the job, as MPI's default is.
public final class MPICommunicator: Communicator {
  /// This process's rank in `MPI_COMM_WORLD`.
  public let rank: Int
  /// The number of ranks.
  public let size: Int
  /// What this rank sent so far.
  public private(set) var traffic = CommunicationTraffic()
  /// What the library says about itself, and how it is called.
  public var description: String { "\(library.version) (\(library.abi.name))" }

  private let library: MPILibrary

  /// The communicator of the job that this process belongs to: of one rank where it was started alone, and then no
  /// library is opened.
  ///
  /// Call it once, on the thread that trains.
  ///
  /// - Throws: ``SAMTError/communication(_:)`` where a launcher started several processes and there is no MPI library
  ///   that works with it.
  public static func launched(
    _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(SAMTError) -> any Communicator {
    guard let launcher = MPILauncher(environment), launcher.size != 1 else { return LocalCommunicator() }
    return try MPICommunicator(launcher, environment["SAMT_MPI_LIBRARY"].flatMap { $0.isEmpty ? nil : $0 })
  }

  /// The rank that the launcher gave to this process, 0 where there is none: for messages before ranks are connected.
  public static func launchedRank(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> Int {
    MPILauncher(environment)?.rank ?? 0
  }

  private init(_ launcher: MPILauncher, _ name: String?) throws(SAMTError) {
    library = try MPILibrary.open(for: launcher, named: name)
    var provided: Int32 = 0
    guard library.initialize(nil, nil, library.abi.threadFunneled, &provided) == 0 else {
      throw .communication("\(library.path): MPI_Init_thread failed")
    }
    var (rank, size): (Int32, Int32) = (0, 0)
    guard library.rank(library.abi.world, &rank) == 0, library.size(library.abi.world, &size) == 0 else {
      throw .communication("\(library.path): the ranks cannot be counted")
    }
    (self.rank, self.size) = (Int(rank), Int(size))
    if let expected = launcher.size, expected != size {
      throw .communication(
        "\(launcher.name) started \(expected) processes, but \(library.path) (\(library.version)) knows of \(size): "
          + "it was not made for this launcher")
    }
  }

  /// `MPI_Allgather`.
  public func gather(_ block: UnsafeRawBufferPointer, into blocks: UnsafeMutableRawBufferPointer) {
    ensure(blocks.count == size * block.count, "\(size) blocks of \(block.count) bytes into \(blocks.count)")
    call(library.allGather, block.baseAddress, blocks.baseAddress, bytes: block.count)
  }

  /// `MPI_Alltoall`.
  public func exchange(_ blocks: UnsafeRawBufferPointer, into received: UnsafeMutableRawBufferPointer) {
    ensure(
      blocks.count == received.count && blocks.count % size == 0,
      "\(size) blocks in \(blocks.count) bytes for \(received.count)")
    call(library.allToAll, blocks.baseAddress, received.baseAddress, bytes: blocks.count / size)
  }

  private func call(
    _ function: MPILibrary.Collective, _ block: UnsafeRawPointer?, _ out: UnsafeMutableRawPointer?, bytes: Int
  ) {
    ensure(bytes <= Int(Int32.max), "a block of \(bytes) bytes: MPI counts to \(Int32.max)")
    let start = DispatchTime.now().uptimeNanoseconds
    let (count, byte) = (Int32(bytes), library.abi.byte)
    let status = function(block, count, byte, out, count, byte, library.abi.world)
    ensure(status == 0, "MPI error \(status)")
    traffic.calls += 1
    traffic.bytes += (size - 1) * bytes
    traffic.seconds += Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
  }

  /// `MPI_Finalize`.
  public func finish() { _ = library.finalize() }

  /// `MPI_Abort`.
  public func abort(status: Int32) -> Never {
    _ = library.abort(library.abi.world, status)
    exit(status)
  }
}
