import Foundation
import SAMT

/// The ranks of the job that this process was started for: one, unless `mpirun` or `srun` started several.
///
/// Rank 0 alone speaks: what others write to standard output goes nowhere. Where the ranks cannot be connected, rank 0
/// says why, and every process ends with status 2.
public func connectRanks(of program: String) -> any Communicator {
  reserveStandardStreams()
  do {
    let communicator = try MPICommunicator.launched()
    if communicator.rank > 0 { discardStandardOutput() }
    return communicator
  } catch {
    if MPICommunicator.launchedRank() == 0 { complain("\(program): \(error)") } else { letRank0Speak() }
    exit(2)
  }
}

extension Communicator {
  /// Says why the program ends, in one line for all ranks, and ends them.
  ///
  /// What went wrong on one rank mostly went wrong on all; rank 0 ends the others before they speak.
  func fail(_ program: String, _ message: String, status: Int32) -> Never {
    if rank > 0 { letRank0Speak() }
    complain("\(program): \(rank > 0 ? "rank \(rank): " : "")\(message)")
    // MPICH's launcher passes on no line that it has not read before it is told to end the job.
    if size > 1 { usleep(300_000) }
    abort(status: status)
  }
}

private func letRank0Speak() { sleep(2) }

private func discardStandardOutput() {
  let nowhere = open("/dev/null", O_WRONLY)
  guard nowhere >= 0 else { return }
  dup2(nowhere, STDOUT_FILENO)
  close(nowhere)
}
