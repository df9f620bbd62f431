import CommandLineOptions
import SAMT

let ranks = connectRanks(of: "samt-train")

Program(
  "samt-train", version: programVersion, about: "Trains networks and uses them.", notes: environmentNotes,
  commands: [.train(on: ranks), .compare(on: ranks), .findRate, .evaluate, .predict, .inspect, .report]
).runAndExit(on: ranks)
