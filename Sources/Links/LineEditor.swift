/// Turns the keys of a serial terminal into lines, and says what to echo.
struct LineEditor {
  enum Action: Equatable {
    /// Show these bytes.
    case echo([UInt8])
    /// A whole line was typed.
    case line(String)
    /// Ctrl-D on an empty line.
    case end
  }

  static let maximumBytes = 1024
  private static let bell: [UInt8] = [7]

  private var bytes: [UInt8] = []
  private var lastWasReturn = false
  /// Inside an escape sequence, such as an arrow key sends: skipped to its final byte.
  private var escape = Escape.none

  private enum Escape { case none, began, sequence }

  mutating func feed(_ byte: UInt8) -> [Action] {
    if escape != .none { return skip(byte) }
    defer { lastWasReturn = byte == 13 }
    switch byte {
    case 10 where lastWasReturn: return []
    case 10, 13:
      let line = String(decoding: bytes, as: UTF8.self)
      bytes = []
      return [.echo([13, 10]), .line(line)]
    case 8, 127: return erase()
    case 21:
      let characters = String(decoding: bytes, as: UTF8.self).count
      bytes = []
      return [.echo(Self.erasure(characters))]
    case 3:
      bytes = []
      return [.echo(Array("^C\r\n".utf8)), .line("")]
    case 4: return bytes.isEmpty ? [.end] : [.echo(Self.bell)]
    case 27:
      escape = .began
      return []
    case 0..<32: return []
    default:
      guard bytes.count < Self.maximumBytes else { return [.echo(Self.bell)] }
      bytes.append(byte)
      return [.echo([byte])]
    }
  }

  private mutating func erase() -> [Action] {
    guard !bytes.isEmpty else { return [.echo(Self.bell)] }
    // A character of UTF-8 may have bytes that continue it.
    while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
    return [.echo(Self.erasure(1))]
  }

  private mutating func skip(_ byte: UInt8) -> [Action] {
    switch escape {
    case .began: escape = byte == UInt8(ascii: "[") || byte == UInt8(ascii: "O") ? .sequence : .none
    case .sequence: if (0x40...0x7E).contains(byte) { escape = .none }
    case .none: break
    }
    return []
  }

  private static func erasure(_ count: Int) -> [UInt8] {
    Array(repeatElement([8, 32, 8] as [UInt8], count: count).joined())
  }
}
