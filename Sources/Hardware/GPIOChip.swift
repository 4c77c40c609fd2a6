import CGPIO
import Glibc

/// One GPIO chip of this machine: its names and lines, read once.
public struct GPIOChip: Hashable, Sendable {
  /// A line as the kernel describes it.
  public struct Line: Hashable, Sendable {
    /// What the board calls it; empty where it has no name.
    public let name: String
    /// Who uses it now; nil when it is free.
    public let user: String?

    public init(name: String, user: String? = nil) {
      self.name = name
      self.user = user
    }
  }

  /// The device, `/dev/gpiochip0`.
  public let path: String
  /// `gpiochip0`; the number may differ from one kernel to the next.
  public let name: String
  /// What the driver calls it, `pinctrl-rp1`.
  public let label: String
  public let lines: [Line]

  /// The largest chip that is looked at.
  static let maximumLines = 1024

  /// The version of the library that talks to the kernel, `1.6.3`.
  public static var libraryVersion: String { String(cString: heliograph_gpio_version()) }

  /// All chips of this machine that can be opened, in order of number.
  public static func all(in folder: String = "/dev") throws(GPIOError) -> [GPIOChip] {
    guard let directory = opendir(folder) else {
      throw GPIOError.system("\(folder) can't be listed", errno)
    }
    defer { closedir(directory) }
    var numbers: [Int] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      // A link to a chip (Raspberry Pi OS has one) would make each of its lines two.
      guard name.hasPrefix("gpiochip"), let number = Int(name.dropFirst(8)),
        entry.pointee.d_type != UInt8(DT_LNK)
      else { continue }
      numbers.append(number)
    }
    var chips: [GPIOChip] = []
    for number in numbers.sorted() {
      chips.append(try GPIOChip(path: "\(folder)/gpiochip\(number)"))
    }
    return chips
  }

  /// A chip as it is said to be.
  public init(path: String, name: String, label: String, lines: [Line]) {
    self.path = path
    self.name = name
    self.label = label
    self.lines = lines
  }

  /// Opens the chip, reads all of it and closes it.
  init(path: String) throws(GPIOError) {
    guard let chip = gpiod_chip_open(path) else {
      throw GPIOError.system("\(path) can't be opened", errno)
    }
    defer { gpiod_chip_close(chip) }
    let size = 64
    var name = [CChar](repeating: 0, count: size)
    var other = name
    let count = heliograph_gpio_describe_chip(chip, &name, &other, size)
    guard count >= 0 else { throw GPIOError.system("\(path) can't be read", errno) }
    self.path = path
    self.name = Self.text(name)
    label = Self.text(other)
    lines = (0..<min(Int(count), Self.maximumLines)).map { offset in
      let result = heliograph_gpio_describe_line(chip, UInt32(offset), &name, &other, size)
      guard result >= 0 else { return Line(name: "", user: nil) }
      return Line(name: Self.text(name), user: result == 1 ? Self.text(other) : nil)
    }
  }

  private static func text(_ bytes: [CChar]) -> String {
    String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension GPIOPlace {
  /// Finds the one line among `chips`: the chip's device and the line's number on it.
  public func find(in chips: [GPIOChip]) throws(GPIOError) -> (path: String, offset: Int) {
    guard !chips.isEmpty else {
      throw GPIOError("\(self): this machine has no GPIO chip that may be opened (/dev/gpiochip*)")
    }
    let known = chips.map { "\($0.name) (\($0.label), \($0.lines.count) lines)" }
      .joined(separator: ", ")
    switch self {
    case .name(let name):
      let found = chips.flatMap { chip in
        chip.lines.indices.filter { chip.lines[$0].name == name }.map { (chip, $0) }
      }
      guard let first = found.first else {
        throw GPIOError("no line is named \"\(name)\": the chips are \(known); gpioinfo lists all")
      }
      guard found.count == 1 else {
        let places = found.map { "\($0.0.name) line \($0.1)" }.joined(separator: " and ")
        throw GPIOError("\"\(name)\" is \(places): name the chip and the line's number instead")
      }
      return (first.0.path, first.1)
    case .offset(let wanted, let line):
      let found = chips.filter { [$0.name, $0.label, $0.path].contains(wanted) }
      guard let chip = found.first, found.count == 1 else {
        throw GPIOError(
          "\(found.isEmpty ? "no" : "more than one") chip is \"\(wanted)\": the chips are \(known)")
      }
      guard chip.lines.indices.contains(line) else {
        throw GPIOError("\(chip.name) has lines 0 to \(chip.lines.count - 1), and no \(line)")
      }
      return (chip.path, line)
    }
  }
}
