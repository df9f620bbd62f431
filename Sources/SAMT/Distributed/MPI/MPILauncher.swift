/// The program that started this process as one of several, as the environment shows it.
struct MPILauncher: Equatable {
  /// What it is called in messages.
  let name: String
  /// The variable that gave it away.
  let variable: String
  /// This process's rank.
  let rank: Int
  /// How many processes it started; nil where it does not say.
  let size: Int?
  /// The only implementation that it works with; nil where it works with several.
  let implementation: MPIImplementation?

  /// The launcher that the environment speaks of; nil where the process was started alone.
  init?(_ environment: [String: String]) {
    func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
    if let size = number("OMPI_COMM_WORLD_SIZE") {
      self.init("Open MPI's launcher", "OMPI_COMM_WORLD_SIZE", number("OMPI_COMM_WORLD_RANK"), size, .openMPI)
    } else if let size = number("PMI_SIZE") {
      self.init("a PMI launcher", "PMI_SIZE", number("PMI_RANK"), size, .mpich)
    } else if let rank = number("PMIX_RANK") {
      self.init("a PMIx launcher", "PMIX_RANK", rank, number("SLURM_STEP_NUM_TASKS"), nil)
    } else {
      return nil
    }
  }

  private init(_ name: String, _ variable: String, _ rank: Int?, _ size: Int?, _ implementation: MPIImplementation?) {
    self.name = name
    self.variable = variable
    self.rank = rank ?? 0
    self.size = size
    self.implementation = implementation
  }
}
