import CKernels

/// The worker threads under the kernels: one pool for the process.
///
/// Results never depend on the number of threads. No thread exists before the first call large enough to share.
public enum Threads {
  /// How many threads a kernel call may use, the calling one included, from 1 to 64.
  ///
  /// At first the number of CPUs this process may run on, or what the environment variable `SAMT_THREADS` says.
  public static var count: Int {
    get { Int(ck_threads()) }
    set { ck_set_threads(Int32(clamping: newValue)) }
  }
}
