import Sealing

/// The folders through which gammu-smsd hands over text messages and takes replies.
///
/// The modem belongs to that other process, so one that hangs can't hang the node. A message stays
/// in `inbox/` until its reply lies whole in `outbox/`; then it moves to `handled/`, of which the
/// latest 1000 are kept. After a crash in between it is answered once more, never lost.
public final class TextSpool: Sendable {
  static let maximumHandled = 1000
  /// Messages taken in one round; the others wait for the next.
  static let maximumPerRound = 64
  static let maximumRemembered = 256

  private let inbox: SpoolFolder
  private let outbox: SpoolFolder
  private let handled: SpoolFolder

  /// Uses `inbox/`, `outbox/` and `handled/` in `directory`; makes those that are missing.
  public init(directory: String) throws(LinkError) {
    try SpoolFolder(path: directory).create()
    inbox = SpoolFolder(path: directory + "/inbox")
    outbox = SpoolFolder(path: directory + "/outbox")
    handled = SpoolFolder(path: directory + "/handled")
    for folder in [inbox, outbox, handled] { try folder.create() }
  }

  /// Looks for messages once a second until its task is cancelled.
  ///
  /// `handler` gives the reply, or nil for silence. `trouble` is told what can't be read or
  /// written, once until it changes.
  public func run(
    trouble: @Sendable (LinkError) -> Void,
    handler: @Sendable (ReceivedText) async -> String?
  ) async {
    var round = TextSpoolRound()
    var told: LinkError?
    while !Task.isCancelled {
      do {
        try await look(&round, handler)
        told = nil
      } catch {
        if error != told { trouble(error) }
        told = error
      }
      try? await Task.sleep(for: .seconds(1))
    }
  }

  /// One look at the inbox. A file is read when two looks saw the same size: it is whole then.
  private func look(
    _ round: inout TextSpoolRound, _ handler: @Sendable (ReceivedText) async -> String?
  ) async throws(LinkError) {
    var sizes: [String: Int] = [:]
    // More names than are taken, as parts of one message belong together.
    for name in try inbox.names(limit: 4 * Self.maximumPerRound) {
      sizes[name] = inbox.size(of: name)
    }
    let settled = sizes.keys.filter { sizes[$0] == round.sizes[$0] }.sorted()
    let changing = Set(sizes.keys).subtracting(settled).compactMap { SpoolFileName($0)?.message }
    round.sizes = sizes
    var messages: [String: [(part: Int, name: String, file: SpoolFileName)]] = [:]
    for name in settled {
      guard let file = SpoolFileName(name) else {
        // Not a message; moved away so that it can't fill the folder.
        try inbox.move(name, to: handled)
        continue
      }
      guard !changing.contains(file.message) else { continue }
      messages[file.message, default: []].append((file.part, name, file))
    }
    for message in messages.keys.sorted().prefix(Self.maximumPerRound) {
      guard let parts = messages[message]?.sorted(by: { $0.part < $1.part }),
        let file = parts.first?.file
      else { continue }
      var bytes: [UInt8] = []
      for part in parts { bytes += try inbox.read(part.name) }
      let received = ReceivedText(
        sender: file.sender, text: Self.text(bytes), receivedAt: "\(file.date)_\(file.time)")
      if round.isNew(received), let reply = await handler(received) {
        let identifier = Digest(of: Array(message.utf8)).short
        if let name = file.replyName(identifier: identifier) {
          try outbox.write(name, Array(reply.utf8))
        }
      }
      round.remember(received)
      for part in parts { try inbox.move(part.name, to: handled) }
    }
    if !messages.isEmpty { try trim() }
  }

  /// Keeps the latest handled messages: their names begin with the date.
  private func trim() throws(LinkError) {
    let names = try handled.names(limit: 4 * Self.maximumHandled)
    for name in names.dropLast(Self.maximumHandled) { handled.remove(name) }
  }

  /// gammu-smsd writes UTF-8, or UTF-16 with a byte order mark if it is told to.
  private static func text(_ bytes: [UInt8]) -> String {
    guard bytes.count >= 2, bytes[0] ^ bytes[1] == 1, bytes[0] >= 0xFE else {
      return String(decoding: bytes, as: UTF8.self)
    }
    let isBigEndian = bytes[0] == 0xFE
    let units = stride(from: 2, to: bytes.count - 1, by: 2).map { position in
      let (first, second) = (UInt16(bytes[position]), UInt16(bytes[position + 1]))
      return isBigEndian ? first << 8 | second : second << 8 | first
    }
    return String(decoding: units, as: UTF16.self)
  }
}

/// What one look at the inbox leaves for the next.
struct TextSpoolRound {
  var sizes: [String: Int] = [:]
  private var remembered: [ReceivedText] = []

  /// False for a message that the network delivered before: same sender, words and time.
  func isNew(_ message: ReceivedText) -> Bool { !remembered.contains(message) }

  mutating func remember(_ message: ReceivedText) {
    guard isNew(message) else { return }
    remembered.append(message)
    if remembered.count > TextSpool.maximumRemembered { remembered.removeFirst() }
  }
}
