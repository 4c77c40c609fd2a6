import Glibc
import Hardware
import Sites

/// `heliograph profile`: says whether descriptions of devices can be read, and lists them.
enum ProfileTool: Equatable {
  case check([String])
  case list(directory: String)

  static let defaultDirectory = "/usr/share/heliograph/profiles"

  static let helpText = """
      heliograph profile check FILE.json5…       what a device profile says, or what is wrong
      heliograph profile list [--profiles DIR]   the profiles that there are; else in
                                                 \(defaultDirectory)
    """

  /// Reads the arguments behind `profile`.
  init(_ arguments: [String]) throws(Invocation.UsageError) {
    let rest = Array(arguments.dropFirst())
    switch arguments.first {
    case "check":
      if let option = rest.first(where: { $0.hasPrefix("--") }) {
        throw Invocation.UsageError(text: "profile check knows no option \(option)")
      }
      guard !rest.isEmpty else {
        throw Invocation.UsageError(
          text: "no file. Example: heliograph profile check my-inverter.json5")
      }
      self = .check(rest)
    case "list" where rest.isEmpty: self = .list(directory: Self.defaultDirectory)
    case "list" where rest.count == 2 && rest[0] == "--profiles": self = .list(directory: rest[1])
    case "list": throw Invocation.UsageError(text: "profile list knows --profiles DIR only")
    default: throw Invocation.UsageError(text: "profile needs check or list")
    }
  }

  /// Does it; the exit code.
  func run() -> Int32 {
    switch self {
    case .check(let files): return check(files)
    case .list(let directory): return list(directory)
    }
  }

  /// Every file is looked at, so that one run finds what is wrong in all of them.
  private func check(_ files: [String]) -> Int32 {
    var code = CommandLineTool.ExitCode.done
    for file in files {
      do throws(ProfileError) {
        let profile = try ProfileLibrary.profile(atPath: file)
        try ProfileLibrary.checkName(of: profile, atPath: file)
        print("\(file): \(Self.summary(of: profile))")
      } catch {
        complain(error.description)
        code = CommandLineTool.ExitCode.refused
      }
    }
    return code
  }

  private func list(_ directory: String) -> Int32 {
    do throws(ProfileError) {
      let library = try ProfileLibrary(directory: directory)
      let width = library.names.map(\.count).max() ?? 0
      for name in library.names {
        guard let profile = library[name] else { continue }
        let space = String(repeating: " ", count: width + 2 - name.count)
        let steering = Self.steering(of: profile).map { "; can steer: " + $0 } ?? ""
        print("\(name)\(space)\(profile.maker), \(profile.devices)\(steering)")
      }
      return CommandLineTool.ExitCode.done
    } catch {
      complain(error.description)
      return CommandLineTool.ExitCode.refused
    }
  }

  /// "growatt-sph, 12 registers in 2 requests, can steer: reserve".
  static func summary(of profile: DeviceProfile) -> String {
    let map = RegisterMap(profile)
    let slow = profile.registers.filter(\.isSlow).count
    var parts = [profile.name]
    parts.append(
      counted(profile.registers.count - slow, "register") + " in "
        + counted(map.plan.count, "request"))
    if slow > 0 {
      parts.append(
        "\(slow) more every \(profile.manners.slowPoll.milliseconds / 1000) s in "
          + counted(map.slowPlan.count, "request"))
    }
    if let steering = steering(of: profile) { parts.append("can steer: " + steering) }
    return parts.joined(separator: ", ")
  }

  private static func steering(of profile: DeviceProfile) -> String? {
    guard !profile.controls.isEmpty else { return nil }
    return profile.controls.map(\.control.rawValue).joined(separator: ", ")
  }

  private static func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  private func complain(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    _ = write(2, bytes, bytes.count)
  }
}
