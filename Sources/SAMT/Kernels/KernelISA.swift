import CKernels
import Foundation

/// An instruction set that the kernels are compiled for.
///
/// The fastest one that this machine has is used, unless the environment variable `SAMT_ISA` or ``select(_:)`` names
/// another. A program that does neither and finds an impossible `SAMT_ISA` is stopped with a message at its first
/// kernel call; call ``selectFromEnvironment()`` first to answer for it yourself.
public enum KernelISA: String, CaseIterable, Sendable {
  /// Plain C.
  case portable
  /// Advanced SIMD of 64-bit ARM.
  case neon
  /// AVX2 with FMA, on x86-64.
  case avx2
  /// AVX-512 with F, VL, DQ and BW, on x86-64.
  case avx512

  var table: ck_isa {
    switch self {
    case .portable: CK_PORTABLE
    case .neon: CK_NEON
    case .avx2: CK_AVX2
    case .avx512: CK_AVX512
    }
  }

  /// Whether this machine can run it.
  public var isAvailable: Bool { ck_isa_available(table) }

  /// All that this machine can run, slowest first.
  public static var available: [KernelISA] { allCases.filter(\.isAvailable) }

  /// The one in use.
  public static var active: KernelISA {
    let isa = ck_table_isa(ck_active())
    return allCases.first { $0.table == isa } ?? .portable
  }

  /// Uses `isa` for every kernel call from now on, in the whole process.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where this machine cannot run it; nothing changes then.
  public static func select(_ isa: KernelISA) throws(SAMTError) {
    guard ck_activate(isa.table) else { throw unavailable(isa.rawValue) }
  }

  /// Uses what the environment variable `SAMT_ISA` names; does nothing where it is unset or empty.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where it names nothing known, or nothing this machine can run.
  public static func selectFromEnvironment() throws(SAMTError) {
    guard let pointer = getenv("SAMT_ISA"), pointer.pointee != 0 else { return }
    let name = String(cString: pointer)
    guard let isa = KernelISA(rawValue: name) else { throw unavailable("SAMT_ISA=\(name)") }
    guard ck_activate(isa.table) else { throw unavailable("SAMT_ISA=\(name)") }
  }

  private static func unavailable(_ name: String) -> SAMTError {
    let names = available.map(\.rawValue).joined(separator: " ")
    return .configuration("instruction set \(name) cannot run on this machine; available: \(names)")
  }
}
