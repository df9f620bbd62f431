import CommandLineOptions

Program("samt-bench", version: "1.0.0", command: .bench).runAndExit()
