/// One register, or pair of registers, of a device's map.
///
/// Several registers of one quantity are added up, each with its sign: three phases, or "charge"
/// and "discharge" that a maker keeps apart. The sum is unknown unless every part is known.
public struct DeviceRegister: Hashable, Sendable {
  /// Whether the maker's number counts as it stands or is turned round into Heliograph's sign.
  public enum Sign: Int64, Hashable, Sendable {
    case asRead = 1
    case reversed = -1
  }

  public let quantity: DeviceQuantity
  /// Zero-based.
  public let address: Int
  public let type: RegisterType
  /// Watts, watt-hours or percent of one count.
  public let scale: RegisterScale
  public let sign: Sign
  /// The bits by which the device says "not available".
  public let sentinel: UInt32?

  /// Throws when the address lies outside the address space or the sentinel outside the type.
  public init(
    quantity: DeviceQuantity, address: Int, type: RegisterType, scale: RegisterScale = .one,
    sign: Sign = .asRead, sentinel: UInt32? = nil
  ) throws(DeviceProfileProblem) {
    guard address >= 0, address + type.width <= 65536 else {
      throw DeviceProfileProblem(
        field: "address", expected: "a zero-based register number, 0 to \(65536 - type.width)")
    }
    if let sentinel, type.width == 1, sentinel > 0xFFFF {
      throw DeviceProfileProblem(
        field: "sentinel", expected: "at most 0xFFFF, because \(type.rawValue) has 16 bits")
    }
    self.quantity = quantity
    self.address = address
    self.type = type
    self.scale = scale
    self.sign = sign
    self.sentinel = sentinel
  }

  /// The first address behind it.
  public var end: Int { address + type.width }

  /// What it says in the quantity's smallest unit and Heliograph's sign; nil is unknown.
  func value(_ words: [UInt16], order: RegisterType.WordOrder) -> Int64? {
    guard let pattern = type.pattern(words, order: order), pattern != sentinel else { return nil }
    let value = type.value(of: pattern, scale: scale, base: quantity.base)
    return value.map { $0 * sign.rawValue }
  }

  /// The bits that say `value`, and what a reader will make of them.
  func encoded(_ value: Int64) -> (pattern: UInt32, value: Int64)? {
    let pattern = type.pattern(of: value * sign.rawValue, scale: scale, base: quantity.base)
    guard let pattern,
      let read = type.value(of: pattern, scale: scale, base: quantity.base)
    else { return nil }
    return (pattern, read * sign.rawValue)
  }

  /// Whether it can say a number of that sign: a register without a sign says one direction only.
  func holds(sign other: Int64) -> Bool {
    type.isSigned || other == 0 || other == sign.rawValue
  }

  /// The bits that say "unknown", if the device has such.
  var unknown: UInt32? { sentinel ?? (type == .f32 ? 0x7FC0_0000 : nil) }
}

extension DeviceRegister: Decodable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case quantity, address, type, scale, sign, sentinel
  }

  public init(from decoder: any Decoder) throws {
    try DeviceProfileKey.refuseUnknown(in: decoder, but: CodingKeys.allCases.map(\.rawValue))
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    func problem(_ key: CodingKeys, _ expected: String) -> DeviceProfileProblem {
      DeviceProfileProblem(
        field: DeviceProfileProblem.path(decoder.codingPath + [key]), expected: expected)
    }
    let quantities = DeviceQuantity.allCases.map(\.rawValue).joined(separator: ", ")
    guard
      let quantity = DeviceQuantity(rawValue: try fields.decode(String.self, forKey: .quantity))
    else { throw problem(.quantity, "one of " + quantities) }
    let types = RegisterType.allCases.map(\.rawValue).joined(separator: ", ")
    guard let type = RegisterType(rawValue: try fields.decode(String.self, forKey: .type)) else {
      throw problem(.type, "one of " + types)
    }
    let scaleText = try fields.decodeIfPresent(String.self, forKey: .scale) ?? "1"
    guard let scale = RegisterScale(text: scaleText) else {
      throw problem(
        .scale, "a ratio in quotes, such as \"1/10\" or \"1000\", of numbers 1 to 10000")
    }
    guard let sign = Sign(rawValue: try fields.decodeIfPresent(Int64.self, forKey: .sign) ?? 1)
    else { throw problem(.sign, "1 or -1") }
    do {
      try self.init(
        quantity: quantity, address: try fields.decode(Int.self, forKey: .address), type: type,
        scale: scale, sign: sign,
        sentinel: try fields.decodeIfPresent(UInt32.self, forKey: .sentinel))
    } catch let found as DeviceProfileProblem {
      let path = DeviceProfileProblem.path(decoder.codingPath)
      throw DeviceProfileProblem(field: "\(path).\(found.field)", expected: found.expected)
    }
  }
}
