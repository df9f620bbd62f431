import SAMT

/// The version of the program.
let programVersion = "1.0.0"

/// What the help of every command says of its surroundings.
let environmentNotes = """
  environment: SAMT_ISA names the instruction set (portable, neon, avx2, avx512), SAMT_THREADS the threads.
  exit status: 0, or 2 for a file or setting that does not work, or 64 for a wrong command line.
  """

/// Chooses instruction set and threads as the environment says, unless the command line asks for `threads`.
func prepareMachine(threads: Int?) throws(SAMTError) {
  try KernelISA.selectFromEnvironment()
  if let threads { Threads.count = threads } else { try Threads.selectFromEnvironment() }
}
