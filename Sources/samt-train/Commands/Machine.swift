import CommandLineOptions
import SAMT

/// The version of the program.
let programVersion = "1.0.0"

/// What the help of every command says of its surroundings.
let environmentNotes = """
  environment: SAMT_ISA names the instruction set (portable, neon, avx2, avx512), SAMT_THREADS the threads.
  exit status: 0, or 2 for a file or setting that does not work, or 64 for a wrong command line.
  """

/// Chooses instruction set and threads as the environment says, unless the command line asks for `threads`.
///
/// Where neither says how many, ranks that may use the same CPUs divide them among themselves.
func prepareMachine(threads: Int?, on communicator: any Communicator = LocalCommunicator()) throws(SAMTError) {
  try KernelISA.selectFromEnvironment()
  Threads.count = max(1, Threads.count / communicator.countRanksOnTheseCPUs())
  if let threads { Threads.count = threads } else { try Threads.selectFromEnvironment() }
}

/// Refuses several ranks where several trainings are asked for: ranks train one model together.
func requireOneRank(_ communicator: any Communicator) throws(UsageError) {
  guard communicator.size == 1 else {
    throw UsageError("\(communicator.size) ranks train one model together: expected one method from one seed")
  }
}
