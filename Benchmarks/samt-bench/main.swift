import CommandLineOptions

let ranks = connectRanks(of: "samt-bench")

Program("samt-bench", version: "1.0.0", command: .bench(on: ranks)).runAndExit(on: ranks)
