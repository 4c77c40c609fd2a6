import Quantities
import Sealing
import Sites

extension Configuration {
  /// The largest file that is read, in bytes.
  public static let maximumFileSize = 1 << 20

  /// Reads and checks the file; the first thing that is wrong is thrown, and nothing is started.
  public init(file: String) throws(ConfigurationError) {
    let bytes: [UInt8]
    do {
      bytes = try FileAccess.read(file, atMost: Self.maximumFileSize)
    } catch {
      throw ConfigurationError(
        file: file, line: nil, field: "", message: "can't be read: \(error.reason)")
    }
    try self.init(text: bytes, file: file)
  }

  /// Reads a configuration from its text; `file` is what errors call it.
  public init(text: [UInt8], file: String) throws(ConfigurationError) {
    let node: JSON5Node
    do {
      node = try JSON5Parser.parse(text)
    } catch {
      throw ConfigurationError(file: file, line: error.line, field: "", message: error.message)
    }
    var reader = try ConfigurationReader(file: file, path: "", node: node)
    let name = try Self.name("name", &reader)
    let community = try reader.requiredText("community", "the neighbourhood's name")
    guard (1...32).contains(community.utf8.count) else {
      throw reader.error("community", "expected 1 to 32 bytes, found \(community.utf8.count)")
    }
    self.init(
      name: name, community: community,
      dataDirectory: try Self.directory("dataDirectory", &reader) ?? "/var/lib/heliograph")
    keyFile = try Self.directory("keyFile", &reader) ?? keyFile
    clock = try Self.clock(&reader)
    timeZone = try reader.text("timeZone", "an IANA name such as Europe/Berlin") ?? timeZone
    listen = try Self.address("listen", &reader)
    guardian = try Self.guardian(&reader)
    profileDirectory = try Self.directory("profileDirectory", &reader) ?? profileDirectory
    for var entry in try reader.objects("peers", atMost: 64) {
      peers.append(try Self.peer(&entry, earlier: peers))
    }
    let entries = try reader.objects("devices", atMost: 32)
    for var entry in entries {
      devices.append(try Self.device(&entry, earlier: devices))
    }
    battery = try Self.battery(&reader)
    try readGPIO(&reader)
    jobs = try Self.jobs(&reader, dataDirectory: dataDirectory, devices: devices)
    // What measures the engine's machine tells of the house nothing, unless it is told to.
    for index in devices.indices where devices[index].name == jobs?.meteredBy {
      devices[index].provides = devices[index].provides ?? []
    }
    try requireProvides(entries)
    if let seconds = try reader.integer("controlSeconds", in: 1...300, unit: "seconds") {
      control = TimeSpan(seconds: seconds)
    }
    try readTariff(&reader)
    place = try Self.housePlace(&reader)
    panels = try Self.panels(&reader)
    weather = try Self.weather(&reader)
    market = try Self.market(&reader)
    surplus = try Self.surplus(&reader)
    self.text = try Self.text(&reader)
    try reader.finish()
  }

  /// Of several devices each says what it is read for, so that nothing is counted twice.
  private func requireProvides(_ entries: [ConfigurationReader]) throws(ConfigurationError) {
    let sources = devices.count { $0.provides?.isEmpty != true } + pulseMeters.count
    guard sources > 1 else { return }
    for (entry, device) in zip(entries, devices) where device.provides == nil {
      throw entry.missing(
        "provides", "which of \(Self.quantities) it is read for, as there are several devices")
    }
  }

  static func name(
    _ field: String, _ reader: inout ConfigurationReader
  ) throws(ConfigurationError) -> String {
    let expected = "1 to 16 letters, digits or -"
    let name = try reader.requiredText(field, expected)
    guard (1...16).contains(name.utf8.count),
      name.utf8.allSatisfy({ byte in
        byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
      })
    else { throw reader.error(field, "expected \(expected), found \"\(name.prefix(40))\"") }
    return name
  }

  static func directory(
    _ field: String, _ reader: inout ConfigurationReader
  ) throws(ConfigurationError) -> String? {
    guard var path = try reader.text(field, "an absolute path") else { return nil }
    guard path.hasPrefix("/"), !path.contains("\0") else {
      throw reader.error(field, "expected an absolute path, found \"\(path.prefix(80))\"")
    }
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }

  static func address(
    _ field: String, _ reader: inout ConfigurationReader
  ) throws(ConfigurationError) -> Address? {
    guard let text = try reader.text(field, "host:port") else { return nil }
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
      port > 0
    else { throw reader.error(field, "expected host:port, found \"\(text.prefix(80))\"") }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || $0 == "/" }) else {
      throw reader.error(field, "expected host:port, found \"\(text.prefix(80))\"")
    }
    return Address(host: host, port: port)
  }

  private static func clock(
    _ reader: inout ConfigurationReader
  ) throws(ConfigurationError) -> Clock? {
    guard var entry = try reader.object("clock") else { return nil }
    let expected = "a time such as 2026-06-21T04:30:00Z"
    let text = try entry.requiredText("startsAt", expected)
    guard let startsAt = TimestampText.instant(text) else {
      throw entry.error("startsAt", "expected \(expected), found \"\(text.prefix(40))\"")
    }
    let realStart = try entry.integer(
      "realStart", in: 0...magnitudeLimit, unit: "milliseconds since 1970")
    let speed = try entry.integer("speed", in: 1...86_400)
    guard let realStart else {
      throw entry.missing("realStart", "milliseconds since 1970 (date +%s%3N)")
    }
    try entry.finish()
    return Clock(
      startsAt: startsAt, realStart: Instant(millisecondsSince1970: realStart), speed: speed ?? 1)
  }

  private static func guardian(
    _ reader: inout ConfigurationReader
  ) throws(ConfigurationError) -> Guardian? {
    let expected = Guardian.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
    guard let text = try reader.text("guardian", expected) else { return nil }
    guard let guardian = Guardian(rawValue: text) else {
      throw reader.error("guardian", "expected \(expected), found \"\(text.prefix(40))\"")
    }
    return guardian
  }

  private static func peer(
    _ entry: inout ConfigurationReader, earlier: [Peer]
  ) throws(ConfigurationError) -> Peer {
    let name = try name("name", &entry)
    let expected = "64 hexadecimal digits (heliographd --print-key on that node)"
    let text = try entry.requiredText("key", expected)
    guard let key = PublicKey(hexadecimal: text) else {
      throw entry.error("key", "expected \(expected), found \(text.count) characters")
    }
    let address = try address("address", &entry)
    guard !earlier.contains(where: { $0.name == name }) else {
      throw entry.error("name", "\(name) is the name of an earlier peer: expected another")
    }
    guard !earlier.contains(where: { $0.key == key }) else {
      throw entry.error("key", "an earlier peer has this key: expected each once")
    }
    try entry.finish()
    return Peer(name: name, key: key, address: address)
  }

  private static let quantities = SiteQuantity.allCases.map(\.rawValue).joined(separator: ", ")

  private static func device(
    _ entry: inout ConfigurationReader, earlier: [Device]
  ) throws(ConfigurationError) -> Device {
    let name = try name("name", &entry)
    let place = try place(&entry)
    let profile = try entry.requiredText("profile", "sunspec or the name of a profile")
    guard !profile.isEmpty, !profile.contains("/") else {
      throw entry.error("profile", "expected sunspec or the name of a profile, without a path")
    }
    var device = Device(name: name, place: place, profile: profile)
    device.unit = try unit(&entry, at: place)
    device.proxy = try proxy(&entry, at: place, earlier: earlier)
    if let seconds = try entry.integer("pollSeconds", in: 1...3600, unit: "seconds") {
      device.poll = TimeSpan(seconds: seconds)
    }
    let words = try entry.texts("provides", "a quantity", atMost: SiteQuantity.allCases.count)
    var provides: [SiteQuantity] = []
    for word in words {
      guard let quantity = SiteQuantity(rawValue: word) else {
        throw entry.error("provides", "expected \(Self.quantities), found \"\(word.prefix(40))\"")
      }
      provides.append(quantity)
    }
    if !provides.isEmpty { device.provides = provides }
    device.steer = try entry.boolean("steer") ?? false
    guard !device.steer || device.poll <= TimeSpan.minute else {
      throw entry.error(
        "pollSeconds",
        "expected at most 60, since this device is steered, found "
          + "\(device.poll.seconds)")
    }
    guard !earlier.contains(where: { $0.name == name }) else {
      throw entry.error("name", "\(name) is the name of an earlier device: expected another")
    }
    try entry.finish()
    return device
  }
}
