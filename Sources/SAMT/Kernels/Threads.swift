import CKernels
import Foundation

/// The worker threads under the kernels: one pool for the process.
///
/// Results never depend on the number of threads. No thread exists before the first call large enough to share.
///
/// Several models may train at once, each on a task of its own: while one call has the pool, the others run on their
/// own threads alone. A process that forks may go on in the child, which has no workers and makes its own when it first
/// needs them; fork where no kernel call is under way.
public enum Threads {
  /// How many threads a kernel call may use, the calling one included, from 1 to 64.
  ///
  /// At first the number of CPUs this process may run on, no more than the quota of its container lasts for, or what
  /// the environment variable `SAMT_THREADS` says. A larger number than that of CPUs cuts work finer and is done by as
  /// many threads as there are CPUs.
  public static var count: Int {
    get { Int(ck_threads()) }
    set { ck_set_threads(Int32(clamping: newValue)) }
  }

  /// Uses as many as the environment variable `SAMT_THREADS` says; does nothing where it is unset or empty.
  ///
  /// Without this call, a value that is no number from 1 to 64 is taken for the nearest, or for none.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where it says anything but a whole number from 1 to 64.
  public static func selectFromEnvironment() throws(SAMTError) {
    guard let pointer = getenv("SAMT_THREADS"), pointer.pointee != 0 else { return }
    let text = String(cString: pointer)
    guard let number = Int(text), (1...64).contains(number) else {
      throw .configuration("SAMT_THREADS=\(text): expected a whole number in 1 ... 64")
    }
    count = number
  }
}
