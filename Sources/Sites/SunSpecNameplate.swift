/// What model 1 says about a device, or about a meter wired to it; ASCII.
public struct SunSpecNameplate: Hashable, Sendable {
  /// At most 32 characters.
  public var maker: String
  /// At most 32 characters.
  public var model: String
  /// At most 16 characters, of the maker's own meaning; SolarEdge's meters say there where they
  /// are wired.
  public var options: String
  /// At most 16 characters.
  public var version: String
  /// At most 32 characters.
  public var serial: String

  public init(
    maker: String, model: String, version: String, serial: String, options: String = ""
  ) {
    self.maker = maker
    self.model = model
    self.options = options
    self.version = version
    self.serial = serial
  }

  /// The registers of model 1 that it is read from: identity, length, and 64 of text.
  static let registers = 66

  init(_ words: SunSpecWords) {
    maker = words.text(at: 2, registers: 16)
    model = words.text(at: 18, registers: 16)
    options = words.text(at: 34, registers: 8)
    version = words.text(at: 42, registers: 8)
    serial = words.text(at: 50, registers: 16)
  }

  /// Model 1 that says this.
  var words: [UInt16] {
    var words = SunSpecWords(SunSpecLayout.words(of: 1) ?? [])
    words.putText(maker, at: 2, registers: 16)
    words.putText(model, at: 18, registers: 16)
    words.putText(options, at: 34, registers: 8)
    words.putText(version, at: 42, registers: 8)
    words.putText(serial, at: 50, registers: 16)
    return words.words
  }
}
