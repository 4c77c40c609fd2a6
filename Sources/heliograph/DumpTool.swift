import Daemon
import FoundationEssentials
import Sites

/// `heliograph dump`: one device's registers as a file of lines.
struct DumpTool {
  let devices: HouseholdDevices
  let device: String
  /// Nil is standard output.
  let output: String?

  func run() async -> Int32 {
    switch await devices.dump(device) {
    case .failure(let fault):
      Terminal.complain("heliograph: \(device): \(fault.text)")
      return CommandLineTool.ExitCode.unreachable
    case .success(let dump):
      guard let output else {
        Terminal.say(dump.text)
        return CommandLineTool.ExitCode.done
      }
      do {
        try Data(dump.text.utf8).write(to: URL(filePath: output), options: .withoutOverwriting)
      } catch {
        Terminal.complain("heliograph: \(output): can't be written, or is there already")
        return CommandLineTool.ExitCode.refused
      }
      let count = RegisterTable.allCases.flatMap { dump.image.blocks(of: $0) }
        .reduce(0) { $0 + $1.words.count }
      Terminal.say("\(output): \(count) registers, \(dump.meanings.count) values")
      return CommandLineTool.ExitCode.done
    }
  }
}
