import CommandLineOptions

Program(
  "samt-train", version: "1.0.0", about: "Trains networks and uses them.", notes: environmentNotes,
  commands: [.train, .compare, .evaluate, .predict, .inspect]
).runAndExit()
