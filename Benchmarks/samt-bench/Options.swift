import CommandLineOptions
import SAMT

/// What is measured together, and named on the command line.
enum Family: String, CaseIterable {
  case gemm, conv, eta, elementwise, step, roofline, scaling
}

/// What the command line asks for.
struct Options {
  /// Empty for all.
  fileprivate var named: [Family] = []
  var printsJSON = false
  /// What a case's kernel and name must contain, one of them; empty for every case.
  var filters: [String] = []
  var isQuick = false
  /// Print the cases, and run none.
  var listsCases = false
  /// Libraries to time in turns with ours.
  var peers: [String] = []
  /// Where to keep the results.
  var resultsFile: String?
  var threads: Int?
  /// Shards of a minibatch; nil for one a rank.
  fileprivate var shards: Int?
  var isa: KernelISA?

  /// The shards of a minibatch on so many ranks.
  func shards(ranks: Int) throws(UsageError) -> Int {
    let shards = shards ?? ranks
    let perRank = shards / ranks
    guard ranks == 1 || (shards % ranks == 0 && perRank & (perRank - 1) == 0) else {
      throw UsageError("--shards: expected the \(ranks) ranks times 1, 2, 4, 8 ..., found \(shards)")
    }
    return shards
  }

  /// The families asked for, each once; several ranks measure how they scale, and nothing else.
  func families(ranks: Int) throws(UsageError) -> [Family] {
    let families = Family.allCases.filter { named.isEmpty ? ranks == 1 || $0 == .scaling : named.contains($0) }
    if ranks > 1, let other = families.first(where: { $0 != .scaling }) {
      throw UsageError("\(ranks) ranks measure \(Family.scaling) together, and not \(other)")
    }
    return families
  }

  private typealias Option = CommandLineOption<Options>

  static var table: OptionTable<Options> {
    OptionTable {
      Option("--json", "one JSON object per case and line, and nothing else", \.printsJSON)
      Option("--filter", "TEXT", "only cases whose kernel and name, as printed, contain TEXT *", \.filters, .text)
      Option("--quick", "fewer repetitions, and the smaller cases only", \.isQuick)
      Option("--list", "the cases' kernels and names, running none", \.listsCases)
      Option("--against", "LIBRARY", "time gemm in turns with the BLAS in this shared library *", \.peers, .path)
      Option("--save", "FILE", "append JSON to it, too: the setting, then the cases", \.resultsFile, .path)
      Option("--threads", "N", "default: the CPUs this process may use", \.threads, .integer(1...64))
      Option("--shards", "N", "of scaling's minibatches; default: one a rank", \.shards, .integer(1...4096))
      Option("--isa", "NAME", names(KernelISA.self) + "; default: the fastest that runs here", \.isa, .choice)
    }
  }
}

extension Command {
  /// Verifies and times what the command line names.
  static func bench(on ranks: any Communicator) -> Command {
    Command(
      "samt-bench", "verifies and times the kernels",
      usage: [
        "samt-bench [gemm] [conv] [eta] [elementwise] [step] [roofline] [scaling] [options]",
        "mpirun -np N samt-bench [scaling] [options]",
      ],
      about: """
        Verifies the kernels, then times them against what this machine can do.

        Without a name: all of them. Under mpirun or srun: scaling, whose steps are those of all ranks together.
        """,
      defaults: Options(), options: Options.table,
      notes: """
        An option marked * may be given more than once.

        environment: SAMT_ISA names the instruction set (portable, neon, avx2, avx512), SAMT_THREADS the threads.
        exit status: 0, or 1 where a kernel's result is wrong, 2 for an instruction set that cannot run here or output
        that cannot be written, or 64 for a wrong command line.
        """,
      isForAllRanks: true,
      operand: { (options, word) throws(UsageError) in
        guard let family = Family(rawValue: word) else {
          throw UsageError("expected one of \(names(Family.self)), found \(word)")
        }
        options.named.append(family)
      }
    ) { options, _ in try runBenchmarks(options, on: ranks) ? 0 : 1 }
  }
}
