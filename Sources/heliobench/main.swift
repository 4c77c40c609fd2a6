import Glibc
import Storage

let arguments = Array(CommandLine.arguments.dropFirst())
do {
  switch arguments.first {
  case "commits" where arguments.count == 2:
    try CommitWriter(path: arguments[1]).run()
  default:
    Output.complaint("usage: heliobench commits DATABASE    commit until killed, a line for each")
    exit(2)
  }
} catch {
  Output.complaint("heliobench: \(error)")
  exit(1)
}
