import Glibc
import Texting

// A short dispatcher: the commands are in files of their own.
let arguments = Array(CommandLine.arguments.dropFirst())

switch arguments.first {
case "street": exit(StreetCommand.run(Array(arguments.dropFirst())))
case "house": exit(HouseCommand.run(Array(arguments.dropFirst())))
case "engine": exit(EngineCommand.run(Array(arguments.dropFirst())))
case "kill": exit(KillCommand.run(Array(arguments.dropFirst())))
case "crash": exit(CrashCommand.run(Array(arguments.dropFirst())))
case "cloudy": exit(await CloudyCommand.run(Array(arguments.dropFirst())))
case "backtest": exit(BacktestCommand.run(Array(arguments.dropFirst())))
case "faults": exit(await FaultsCommand.run(Array(arguments.dropFirst())))
case "--help", "-h": print(SimulateCommand.help)
case "--version": print("heliosim \(HeliographVersion.text)")
default: exit(SimulateCommand.run(arguments))
}
