import Glibc
import Sealing
import Texting

/// The command line of `heliographd`.
public struct DaemonCommand: Sendable {
  public enum Action: Hashable, Sendable {
    case run, makeKey, printKey, check, safeState, version, help
  }

  public static let usage = """
    usage: heliographd --config FILE               run the node
           heliographd --config FILE --init        make data directory and key, print the public key
           heliographd --config FILE --print-key   print the public key (make the key if missing)
           heliographd --config FILE --check       check the configuration and end
           heliographd --config FILE --safe-state [--force]
                                                   give back every device that was steered, and end
           heliographd --version | --help
    """

  public let action: Action
  public let file: String
  /// Whether a running daemon is no hindrance.
  public let isForced: Bool

  /// Reads the arguments after the program's name; nil when they are none of the forms of `usage`.
  public init?(_ arguments: [String]) {
    var file: String?
    var action = Action.run
    var isForced = false
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch argument {
      case "--config":
        guard file == nil, let path = rest.popFirst() else { return nil }
        file = path
      case "--init" where action == .run: action = .makeKey
      case "--print-key" where action == .run: action = .printKey
      case "--check" where action == .run: action = .check
      case "--safe-state" where action == .run: action = .safeState
      case "--force" where !isForced: isForced = true
      case "--version" where action == .run: action = .version
      case "--help" where action == .run: action = .help
      default: return nil
      }
    }
    guard !isForced || action == .safeState else { return nil }
    guard file != nil || action == .version || action == .help else { return nil }
    self.action = action
    self.file = file ?? ""
    self.isForced = isForced
  }

  /// Does what was asked; the exit status. Throws what stands in the way, one line each.
  public func perform() throws -> Int32 {
    switch action {
    case .version: print("heliographd \(HeliographVersion.text)")
    case .help: print(Self.usage)
    case .check:
      let configuration = try checkedConfiguration()
      do throws(ServiceError) { try configuration.checkOutlook() } catch {
        throw ServiceError("\(file): \(error)")
      }
      print("\(file): \(configuration.name) of \(configuration.community) is configured well")
    case .printKey:
      print(try KeyFile.open(try Configuration(file: file).keyFile).publicKey.hexadecimal)
    case .makeKey:
      let configuration = try Configuration(file: file)
      try FileAccess.makeDirectory(configuration.dataDirectory)
      let key = try KeyFile.open(configuration.keyFile).publicKey
      print("data directory \(configuration.dataDirectory)")
      print("public key     \(key.hexadecimal)")
    case .safeState:
      return SafeState(
        configuration: try Configuration(file: file), isForced: isForced, print: Self.say
      ).run()
    case .run:
      return try Service(
        try checkedConfiguration(), journal: .standardError(), watchdog: .fromEnvironment()
      ).run()
    }
    return 0
  }

  /// Out at once: whoever waits for the safe state may stop waiting at any moment.
  private static func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = write(STDOUT_FILENO, bytes, bytes.count)
  }

  /// The configuration with all that it refers to; what is wrong names the file.
  private func checkedConfiguration() throws -> Configuration {
    let configuration = try Configuration(file: file)
    do throws(ServiceError) { try configuration.checkSurroundings() } catch {
      throw ServiceError("\(file): \(error)")
    }
    return configuration
  }
}
