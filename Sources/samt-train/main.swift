import CommandLineOptions
import SAMT

runProgram("samt-train") {
  let options = try Options(commandLineArguments())
  if options.wantsHelp {
    print(Options.help, terminator: "")
    return 0
  }
  try KernelISA.selectFromEnvironment()
  try run(options)
  return 0
}
