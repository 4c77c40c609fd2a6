import Glibc
import Runners

/// `heliosim engine`: the stand-in engine as a process of its own, which writes down what it is
/// asked.
enum EngineCommand {
  static let usage = """
    usage: heliosim engine [options]
      --port P   on 127.0.0.1, 0 picks one (default 8080)
      --slots N  requests at once, 1 to 64 (default 2)
      --rate N   tokens a second for each, 1 to 100,000 (default 50)
      --log FILE a line for each request, with what it asked, before it is worked on
    Speaks the OpenAI API and says in every answer that no model is behind it. Serves until Ctrl-C.
    """

  private struct Options {
    var port: UInt16 = 8080
    var slots = 2
    var rate = 50
    var log: String?
  }

  /// Runs until a signal; returns the exit code.
  static func run(_ arguments: [String]) -> Int32 {
    var signals = StreetSignals()
    do {
      guard let options = try options(arguments) else {
        print(usage)
        return 0
      }
      let engine = try engine(options)
      defer { engine.stop() }
      _ = StreetSystem.write("ready http://127.0.0.1:\(engine.port)\n", to: 1)
      while signals.wait(milliseconds: 1000) == nil {}
      return 0
    } catch {
      _ = StreetSystem.write("heliosim engine: \(error)\n", to: 2)
      return 2
    }
  }

  private static func engine(_ options: Options) throws -> StandInEngine {
    var witness: (@Sendable (String) -> Void)?
    if let log = options.log {
      let file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
      guard file >= 0 else { throw StreetError("\(log): \(StreetSystem.errorText())") }
      // One write a line: whoever kills this process finds whole lines.
      witness = { text in
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        _ = StreetSystem.write(line + "\n", to: file)
      }
    }
    return try StandInEngine(
      port: options.port, slots: options.slots, tokensPerSecond: options.rate, witness: witness)
  }

  /// Nil where help is wanted.
  private static func options(_ arguments: [String]) throws(StreetError) -> Options? {
    var options = Options()
    var rest = arguments[...]
    while let option = rest.popFirst() {
      if option == "--help" || option == "-h" { return nil }
      guard let value = rest.popFirst(), !value.isEmpty else {
        throw StreetError("\(option): expected a value after it. See heliosim engine --help")
      }
      func number(_ range: ClosedRange<Int64>) throws(StreetError) -> Int64 {
        try StreetOptions.number(value, range, option)
      }
      switch option {
      case "--port": options.port = UInt16(try number(0...65_535))
      case "--slots": options.slots = Int(try number(1...64))
      case "--rate": options.rate = Int(try number(1...100_000))
      case "--log": options.log = value
      default: throw StreetError("\(option): no such option. See heliosim engine --help")
      }
    }
    return options
  }
}
