import CommandLineOptions

runProgram("samt-bench") {
  let options = try Options(CommandLine.arguments.dropFirst())
  if options.wantsHelp {
    print(Options.help, terminator: "")
    return 0
  }
  return try runBenchmarks(options) ? 0 : 1
}
