import Glibc
import Hardware
import Links
import Quantities
import Sites

/// Reads the household's devices for an installer.
///
/// Where the node runs it is asked, because many inverters accept one connection only and the
/// installer's would cut the node's; else the devices are read directly.
public struct HouseholdDevices: Sendable {
  public let configuration: Configuration
  /// Whether the node is asked.
  public let asksNode: Bool
  private let devices: Devices
  private let client: ControlClient

  /// Throws for a profile that is unknown or wrong; whether a device answers is found out later.
  public init(_ configuration: Configuration) throws(ServiceError) {
    self.configuration = configuration
    devices = try Devices(configuration)
    client = ControlClient(node: configuration.controlSocketPath, timeoutSeconds: 30)
    asksNode = (try? client.ask("HELP")) != nil
  }

  /// The names of the configured devices, in the configuration's order.
  public var names: [DeviceName] { configuration.devices.map(\.name) }

  /// One device's registers and what they mean.
  public func dump(_ name: DeviceName) async -> Result<RegisterDump, DeviceFault> {
    guard let device = configuration.devices.first(where: { $0.name == name }) else {
      let known = names.joined(separator: ", ")
      return .failure(.unreachable("no device is called \(name); there are \(known)"))
    }
    guard asksNode else {
      return await devices.sample(name, at: Self.now).map { sample in
        RegisterDump(device: device.profile, image: sample.image, reading: sample.reading)
      }
    }
    do {
      return DeviceLook.result(of: try await client.answer(to: DeviceLook.command + " " + name))
    } catch {
      return .failure(.unreachable(error.text))
    }
  }

  private static var now: Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(
      millisecondsSince1970: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }
}

/// How a look at a device goes over the control socket: `REGISTERS inverter`, answered by the text
/// of a register dump or by `fault KIND: what happened`.
enum DeviceLook {
  static let command = "REGISTERS"
  private static let faultPrefix = "fault "

  static func text(of result: Result<RegisterDump, DeviceFault>) -> String {
    switch result {
    case .success(let dump): dump.text
    case .failure(.unreachable(let text)): faultPrefix + "unreachable: " + text
    case .failure(.silent(let text)): faultPrefix + "silent: " + text
    case .failure(.unintelligible(let text)): faultPrefix + "unintelligible: " + text
    }
  }

  static func result(of answer: String) -> Result<RegisterDump, DeviceFault> {
    for (kind, fault) in [
      ("unreachable: ", DeviceFault.unreachable), ("silent: ", DeviceFault.silent),
      ("unintelligible: ", DeviceFault.unintelligible),
    ] where answer.hasPrefix(faultPrefix + kind) {
      return .failure(fault(String(answer.dropFirst(faultPrefix.count + kind.count))))
    }
    do throws(RegisterDumpError) {
      return .success(try RegisterDump(text: Array(answer.utf8)))
    } catch {
      return .failure(
        .unintelligible("the node's answer is no register dump: \(answer.prefix(80))"))
    }
  }
}
