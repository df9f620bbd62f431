import CommandLineOptions

Program(
  "samt-train", version: programVersion, about: "Trains networks and uses them.", notes: environmentNotes,
  commands: [.train, .compare, .findRate, .evaluate, .predict, .inspect, .report]
).runAndExit()
