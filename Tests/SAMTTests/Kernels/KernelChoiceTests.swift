import Foundation
import SAMT
import Testing

/// Instruction sets and threads are the whole process's: what changes them runs in a process of its own.
@Suite struct KernelChoiceTests {
  @Test func theActiveOneIsAvailable() {
    #expect(KernelISA.available.contains(.portable))
    #expect(KernelISA.available.contains(KernelISA.active))
  }

  @Test func everyAvailableOneCanBeSelected() async {
    await #expect(processExitsWith: .success) {
      for isa in KernelISA.available {
        try KernelISA.select(isa)
        #expect(KernelISA.active == isa)
      }
    }
  }

  @Test(arguments: KernelISA.allCases.filter { !$0.isAvailable }) func others(_ isa: KernelISA) {
    let before = KernelISA.active
    let error = #expect(throws: SAMTError.self) { try KernelISA.select(isa) }
    #expect(String(describing: error).contains("instruction set \(isa.rawValue) cannot run on this machine"))
    #expect(KernelISA.active == before)
  }

  @Test func theEnvironmentChooses() async {
    await #expect(processExitsWith: .success) {
      setenv("SAMT_ISA", "portable", 1)
      try KernelISA.selectFromEnvironment()
      #expect(KernelISA.active == .portable)
      setenv("SAMT_ISA", "", 1)
      try KernelISA.selectFromEnvironment()
      setenv("SAMT_ISA", "abacus", 1)
      let error = #expect(throws: SAMTError.self) { try KernelISA.selectFromEnvironment() }
      #expect(String(describing: error).contains("SAMT_ISA=abacus"))
      #expect(String(describing: error).contains("available: portable"))
      #expect(KernelISA.active == .portable)
    }
  }

  /// A program that does not ask is stopped with the reason, and not at an illegal instruction.
  @Test func anImpossibleEnvironmentStopsTheFirstKernel() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      setenv("SAMT_ISA", "abacus", 1)
      _ = Moments(of: Tensor(zeros: [3]))
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("abacus"))
  }

  @Test func threadsAreClamped() async {
    await #expect(processExitsWith: .success) {
      for (wanted, expected) in [(1, 1), (3, 3), (0, 1), (-5, 1), (1000, 64), (Int.max, 64)] {
        Threads.count = wanted
        #expect(Threads.count == expected)
      }
    }
  }
}
