import Daemon
import Quantities
import Sites

/// `heliograph check`: reads everything once and says what is likely wired or set wrongly.
struct CheckTool {
  let devices: HouseholdDevices
  /// A load of this size is switched on between two looks; nil: one look.
  let kettle: Power?

  func run() async -> Int32 {
    let configuration = devices.configuration
    let way = devices.asksNode ? "read through its node" : "read directly; the node does not run"
    let count = devices.names.count
    Terminal.say("\(configuration.name): \(count) device\(count == 1 ? "" : "s"), \(way)")
    let first = await look()
    var findings = first.findings
    if let kettle {
      Terminal.complain("Switch on a load of about \(kettle.text), wait 10 s, then press Enter.")
      guard readLine() != nil else {
        Terminal.complain("heliograph: no Enter came; only one look was taken")
        return CommandLineTool.ExitCode.refused
      }
      let second = await look(quietly: true)
      findings += HouseCheck.step(from: first.powers, to: second.powers, switched: kettle)
    }
    Terminal.say("")
    for finding in findings { Terminal.say(Self.text(finding)) }
    let wrong = findings.count { $0.weight == .wrong }
    if wrong == 0 {
      Terminal.say(kettle == nil ? "All is well. --kettle also tests every sign." : "All is well.")
    } else {
      Terminal.say(wrong == 1 ? "1 thing is wrong." : "\(wrong) things are wrong.")
    }
    return wrong == 0 ? CommandLineTool.ExitCode.done : CommandLineTool.ExitCode.refused
  }

  private func look(quietly: Bool = false) async -> HouseCheck {
    var looked: [HouseCheck.Device] = []
    for device in devices.configuration.devices {
      if !quietly { Terminal.progress("reading \(device.name)…") }
      let result = await devices.dump(device.name)
      if !quietly {
        Terminal.progress("")
        Terminal.say("  \(device.name)  \(device.profile) at \(device.placeText)")
        if case .success(let dump) = result {
          let lines = ReadingText.lines(ReadingText.parts(dump.meanings), width: 74)
          for line in lines { Terminal.say("      " + line) }
        }
      }
      looked.append(
        HouseCheck.Device(
          name: device.name, provides: device.provides,
          answer: result.map { $0.reading(device: device.name) }))
    }
    return HouseCheck(devices: looked, statedCapacity: devices.configuration.battery?.capacity)
  }

  private static func text(_ finding: HouseFinding) -> String {
    let mark =
      switch finding.weight {
      case .fine: "ok     "
      case .doubtful: "doubt  "
      case .wrong: "WRONG  "
      }
    let subject = finding.device.map { "\($0): " } ?? ""
    let advice = finding.advice.isEmpty ? "" : "\n       → \(finding.advice)"
    return mark + subject + finding.text + advice
  }
}

extension Configuration.Device {
  /// "192.168.1.50:502 unit 1".
  fileprivate var placeText: String {
    let unit = unit.map { " unit \($0)" } ?? ""
    return switch place {
    case .tcp(let address): "\(address)\(unit)"
    case .serial(let line): "\(line.path)\(unit)"
    }
  }
}
