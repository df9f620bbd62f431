import CommandLineOptions
import Foundation

/// Another implementation of BLAS, opened at run time: OpenBLAS, BLIS, MKL, or whatever else has `cblas_sgemm`.
final class BLASLibrary {
  /// The file's name.
  let name: String
  /// What it says about itself, where it can be asked.
  let version: String?

  /// `cblas_sgemm` with 32-bit integers: order, transpositions, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc.
  private typealias SGEMM =
    @convention(c) (
      Int32, Int32, Int32, Int32, Int32, Int32, Float, UnsafePointer<Float>, Int32, UnsafePointer<Float>, Int32, Float,
      UnsafeMutablePointer<Float>, Int32
    ) -> Void
  private static let rowMajor: Int32 = 101, notTransposed: Int32 = 111, transposed: Int32 = 112

  private let sgemm: SGEMM

  /// Opens the library, and lets it use as many threads as we do.
  init(path: String, threads: Int) throws(UsageError) {
    // OpenBLAS' workers would go on spinning for 2^28 cycles, a tenth of a second. 2^24 are more than enough between
    // two calls of a sample, and less than the rest between two samples.
    setenv("OPENBLAS_THREAD_TIMEOUT", "24", 0)
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      let reason = dlerror().map { String(cString: $0) } ?? "no reason given"
      throw UsageError("--against: expected a shared library with cblas_sgemm, but it cannot be opened: \(reason)")
    }
    // The OpenBLAS that comes with SciPy's package has a prefix before every name.
    func symbol<Function>(_ name: String, as _: Function.Type) -> Function? {
      (dlsym(handle, name) ?? dlsym(handle, "scipy_" + name)).map { unsafeBitCast($0, to: Function.self) }
    }
    guard let sgemm = symbol("cblas_sgemm", as: SGEMM.self) else {
      throw UsageError("--against: expected a shared library with cblas_sgemm, but \(path) has no such function")
    }
    self.sgemm = sgemm
    name = URL(fileURLWithPath: path).lastPathComponent

    typealias Text = @convention(c) () -> UnsafePointer<CChar>
    if let text = symbol("openblas_get_config", as: Text.self) {
      version = String(cString: text()).trimmingCharacters(in: .whitespaces)
    } else if let text = symbol("bli_info_get_version_str", as: Text.self),
      let architecture = symbol("bli_arch_query_id", as: (@convention(c) () -> Int32).self),
      let nameOf = symbol("bli_arch_string", as: (@convention(c) (Int32) -> UnsafePointer<CChar>).self)
    {
      version = "BLIS \(String(cString: text())) \(String(cString: nameOf(architecture())))"
    } else {
      version = nil
    }

    if let set = symbol("openblas_set_num_threads", as: (@convention(c) (Int32) -> Void).self)
      ?? symbol("MKL_Set_Num_Threads", as: (@convention(c) (Int32) -> Void).self)
    {
      set(Int32(threads))
    } else if let set = symbol("bli_thread_set_num_threads", as: (@convention(c) (Int) -> Void).self) {
      set(threads)
    } else {
      complain("samt-bench: \(name) has no known function to set its threads: it runs with as many as it likes")
    }
  }

  /// C = op(A) op(B), matrices without gaps.
  func multiply(
    _ product: Product, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>
  ) {
    let m = Int32(product.m), n = Int32(product.n), k = Int32(product.k)
    func layout(_ isTransposed: Bool) -> Int32 { isTransposed ? BLASLibrary.transposed : BLASLibrary.notTransposed }
    sgemm(
      BLASLibrary.rowMajor, layout(product.transposeA), layout(product.transposeB), m, n, k, 1,
      a, product.transposeA ? m : k, b, product.transposeB ? k : n, 0, c, n)
  }

  /// Says which variables of the environment choose a library's kernels, and so may slow it.
  static func warnOfOverrides() {
    let environment = ProcessInfo.processInfo.environment
    for name in ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "BLIS_ARCH_TYPE", "MKL_ENABLE_INSTRUCTIONS"] {
      guard let value = environment[name] else { continue }
      complain("samt-bench: \(name)=\(value) chooses the peer's kernels, perhaps slower ones: see what it says it runs")
    }
  }
}
