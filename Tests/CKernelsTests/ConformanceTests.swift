import CKernels
import CKernelsConformance
import Foundation
import Testing

/// One instruction set that this machine can run.
struct InstructionSet: Sendable, CustomTestStringConvertible {
  let isa: ck_isa

  static let all = (0..<UInt32(CK_ISA_COUNT)).map { InstructionSet(isa: ck_isa(rawValue: $0)) }
  static let available = all.filter { ck_isa_available($0.isa) }

  var name: String { String(cString: ck_isa_name(isa)) }
  var testDescription: String { name }
}

/// One suite of the C conformance tests.
struct ConformanceSuite: Sendable, CustomTestStringConvertible {
  let index: Int

  static let all = (0..<ckc_suite_count()).map(ConformanceSuite.init)

  var testDescription: String { String(cString: ckc_suite_name(index)) }
}

@Suite struct ConformanceTests {
  @Test(arguments: ConformanceSuite.all, InstructionSet.available)
  func kernelsConform(suite: ConformanceSuite, set: InstructionSet) throws {
    let kernels = try #require(ck_table(set.isa))
    var text = [CChar](repeating: 0, count: 512)
    let result = ckc_run(suite.index, kernels, CKC_FULL, &text, text.count)
    let failure = text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    #expect(result.checks > 0)
    #expect(result.failures == 0, "\(result.failures) of \(result.checks) checks failed, the first: \(failure)")
  }

  @Test func everySuiteHasAName() {
    let names = ConformanceSuite.all.map(\.testDescription)
    #expect(!names.isEmpty)
    #expect(Set(names).count == names.count)
  }
}

@Suite struct DispatchTests {
  @Test(arguments: InstructionSet.all)
  func namesRoundTrip(set: InstructionSet) {
    var found = ck_isa(rawValue: UInt32(CK_ISA_COUNT))
    #expect(ck_isa_named(set.name, &found))
    #expect(found == set.isa)
  }

  @Test(arguments: ["", "AVX2", "avx", "avx512 ", "sse2", "best"])
  func unknownNamesAreRefused(name: String) {
    var found = CK_PORTABLE
    #expect(!ck_isa_named(name, &found))
  }

  @Test func bestIsAvailable() throws {
    #expect(ck_isa_available(CK_PORTABLE))
    #expect(ck_isa_available(ck_isa_best()))
    let table = try #require(ck_table(ck_isa_best()))
    #expect(ck_table_isa(table) == ck_isa_best())
  }

  @Test(arguments: InstructionSet.all)
  func tablesExistWhereAvailable(set: InstructionSet) {
    #expect((ck_table(set.isa) != nil) == ck_isa_available(set.isa))
  }

  @Test func environmentChooses() async {
    await #expect(processExitsWith: .success) {
      setenv("SAMT_ISA", "portable", 1)
      exit(ck_table_isa(ck_active()) == CK_PORTABLE ? EXIT_SUCCESS : EXIT_FAILURE)
    }
  }

  @Test func environmentMayNotNameTheUnknown() async {
    await #expect(processExitsWith: .failure) {
      setenv("SAMT_ISA", "nonsense", 1)
      _ = ck_active()
    }
  }

  @Test func activationPrecedesTheEnvironment() async {
    await #expect(processExitsWith: .success) {
      setenv("SAMT_ISA", "nonsense", 1)
      let activated = ck_activate(CK_PORTABLE)
      exit(activated && ck_table_isa(ck_active()) == CK_PORTABLE ? EXIT_SUCCESS : EXIT_FAILURE)
    }
  }

  @Test func environmentSetsTheThreadCount() async {
    await #expect(processExitsWith: .success) {
      setenv("SAMT_THREADS", "3", 1)
      exit(ck_threads() == 3 ? EXIT_SUCCESS : EXIT_FAILURE)
    }
  }
}
