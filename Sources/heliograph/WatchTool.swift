import Daemon
import Glibc
import Quantities
import Sites

/// `heliograph watch`: one device's values and raw registers, again and again until Ctrl-C.
struct WatchTool {
  let devices: HouseholdDevices
  let device: String
  /// Nil is the device's own rhythm.
  let every: TimeSpan?
  /// How many looks; nil goes on for ever.
  let count: Int?

  func run() async -> Int32 {
    let configured = devices.configuration.devices.first { $0.name == device }
    let pause = every ?? configured?.poll ?? TimeSpan(seconds: 5)
    var looks = 0
    var lastCode = CommandLineTool.ExitCode.done
    var before: RegisterDump?
    while true {
      switch await devices.dump(device) {
      case .success(let dump):
        show(dump, before: before)
        before = dump
        lastCode = CommandLineTool.ExitCode.done
      case .failure(let fault):
        Terminal.say("\(Self.clock)  \(device): \(fault.text)")
        lastCode = CommandLineTool.ExitCode.unreachable
      }
      looks += 1
      if let count, looks >= count { return lastCode }
      try? await Task.sleep(for: .milliseconds(pause.milliseconds))
    }
  }

  private func show(_ dump: RegisterDump, before: RegisterDump?) {
    if isatty(1) == 1 { print("\u{1B}[H\u{1B}[2J", terminator: "") }
    Terminal.say("\(Self.clock)  \(device)  \(dump.device)")
    for line in ReadingText.lines(ReadingText.parts(dump.meanings), width: 76) {
      Terminal.say("  " + line)
    }
    for line in dump.text.split(separator: "\n")
    where line.hasPrefix("holding") || line.hasPrefix("input") {
      // What has changed since the look before is marked.
      let isNew = before.map { !$0.text.split(separator: "\n").contains(line) } ?? false
      Terminal.say((isNew ? "* " : "  ") + line)
    }
  }

  private static var clock: String {
    var now = time(nil)
    var parts = tm()
    localtime_r(&now, &parts)
    return [parts.tm_hour, parts.tm_min, parts.tm_sec]
      .map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
  }
}
