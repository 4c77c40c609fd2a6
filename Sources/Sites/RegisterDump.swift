import Quantities

/// What a device's registers held at one moment and what they are to mean, as a file of lines.
///
/// An installer sends one in when a device is misread; a profile has one to show that it reads its
/// device; a simulated device serves it. The first line names the profile:
///
///     # device growatt-sph
///     # captured from an SPH 5000, firmware YA1.0
///     input 1009: 0000 0000 0000 3B82
///     means batteryPower 1523.4 W
///     means operatingState producing
///     means reserve unknown
///
/// Registers are in hexadecimal, counted from zero. Quantities have the units W, Wh, kWh and %.
public struct RegisterDump: Hashable, Sendable {
  /// What a quantity is to be read as.
  public struct Meaning: Hashable, Sendable {
    public var quantity: DeviceQuantity
    /// In the smallest unit: mW, mWh, ‰, a state's number; nil is unknown.
    public var value: Int64?

    public init(quantity: DeviceQuantity, value: Int64?) {
      self.quantity = quantity
      self.value = value
    }
  }

  /// The most bytes that a dump may have.
  public static let maximumBytes = 1 << 20
  /// The words of one written line.
  static let wordsPerLine = 16

  /// The profile's name, or "sunspec".
  public var device: String
  public var image: RegisterImage
  /// Each quantity once, in the order of the file.
  public var meanings: [Meaning]
  /// The other comments, without their marks.
  public var remarks: [String]

  public init(
    device: String, image: RegisterImage, meanings: [Meaning] = [], remarks: [String] = []
  ) {
    self.device = device
    self.image = image
    self.meanings = meanings
    self.remarks = remarks
  }

  /// A dump of `image`, which was read as `reading`; what the reading does not know is left out.
  public init(
    device: String, image: RegisterImage, reading: DeviceReading, remarks: [String] = []
  ) {
    let meanings = DeviceQuantity.allCases.compactMap { quantity in
      reading[quantity].map { Meaning(quantity: quantity, value: $0) }
    }
    self.init(device: device, image: image, meanings: meanings, remarks: remarks)
  }

  /// The lines of the file; they read back as the same dump, each remark on one line.
  public var text: String {
    var lines = ["# device \(device)"]
    lines += remarks.map { remark in
      "# " + remark.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
    for table in RegisterTable.allCases {
      for block in image.blocks(of: table) {
        for start in stride(from: 0, to: block.words.count, by: Self.wordsPerLine) {
          let words = block.words[start...].prefix(Self.wordsPerLine).map { word in
            let digits = String(word, radix: 16, uppercase: true)
            return String(repeating: "0", count: 4 - digits.count) + digits
          }
          let address = block.address + start
          lines.append("\(table.word) \(address): \(words.joined(separator: " "))")
        }
      }
    }
    lines += meanings.map { "means \($0.quantity.rawValue) \(Self.words(for: $0))" }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func words(for meaning: Meaning) -> String {
    guard let value = meaning.value else { return "unknown" }
    guard meaning.quantity != .operatingState else {
      return OperatingState(rawValue: value)?.word ?? "unknown"
    }
    let digits = meaning.quantity.base == 10 ? 1 : 3
    let base = UInt64(meaning.quantity.base == 10 ? 10 : 1000)
    let whole = value.magnitude / base
    var fraction = String(value.magnitude % base)
    fraction = String(repeating: "0", count: digits - fraction.count) + fraction
    while fraction.hasSuffix("0") { fraction.removeLast() }
    let sign = value < 0 ? "-" : ""
    let number = fraction.isEmpty ? "\(sign)\(whole)" : "\(sign)\(whole).\(fraction)"
    return number + " " + meaning.quantity.unit
  }
}
