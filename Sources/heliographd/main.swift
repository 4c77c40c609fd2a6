import Daemon
import Glibc

guard let command = DaemonCommand(Array(CommandLine.arguments.dropFirst())) else {
  Journal.complain(DaemonCommand.usage)
  exit(2)
}
do {
  exit(try command.perform())
} catch {
  Journal.complain("heliographd: \(error)")
  exit(1)
}
