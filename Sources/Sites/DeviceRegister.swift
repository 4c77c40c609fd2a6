/// One number of a device's register map: where its words lie and what they mean.
///
/// Several registers of one quantity are added up, each with its sign: three phases, or "charge"
/// and "discharge" that a maker keeps apart. The sum is unknown unless every part is known.
public struct DeviceRegister: Hashable, Sendable {
  /// Whether the maker's number counts as it stands or is turned round into Heliograph's sign.
  public enum Sign: Int64, Hashable, Sendable {
    case asRead = 1
    case reversed = -1
  }

  /// Another register whose value turns the sign: a maker's "charging or discharging".
  public struct Reversal: Hashable, Sendable {
    /// Zero-based, in the same table.
    public var address: Int
    /// The bits that are compared.
    public var mask: UInt16
    /// The value that turns the sign; with any other the number is not turned. The number's own
    /// sign says nothing then, because some firmware gives one and some does not.
    public var equals: UInt16

    public init(address: Int, mask: UInt16 = 0xFFFF, equals: UInt16) {
      self.address = address
      self.mask = mask
      self.equals = equals
    }

    /// Whether what the register holds turns the sign.
    func turns(_ word: UInt16) -> Bool { word & mask == equals }

    /// What the register holds to turn the sign, or not to.
    func word(turning: Bool) -> UInt16 { turning ? equals : (equals == 0 ? mask : 0) }
  }

  /// The most counts that may be added before scaling.
  public static let largestOffset: Int64 = 1_000_000

  public var quantity: DeviceQuantity
  /// Zero-based: the first of neighbouring registers, or each word's own, the highest word first.
  public var addresses: [Int]
  /// Nil: the profile's.
  public var table: RegisterTable?
  public var type: RegisterType
  /// Nil: the profile's. Words with addresses of their own have no order.
  public var wordOrder: RegisterType.WordOrder?
  /// Watts, watt-hours or percent of one count.
  public var scale: RegisterScale
  /// Counts added before scaling.
  public var offset: Int64 = 0
  public var sign: Sign
  /// The bits, as read, by which the device says "not available".
  public var sentinels: [UInt64]
  /// The bits that count, shifted down to the lowest; nil: all.
  public var mask: UInt64?
  public var reversedBy: Reversal?
  /// Used only when the registers of this quantity that are no fallback are unknown.
  public var isFallback = false
  /// Read once in a while and kept: ratings and capacities.
  public var isSlow = false
  /// What the device's numbers mean, of an operating state; empty: they are SunSpec's.
  public var states: [UInt64: OperatingState] = [:]

  /// Throws when the address lies outside the address space or the sentinel outside the type.
  public init(
    quantity: DeviceQuantity, address: Int, type: RegisterType, scale: RegisterScale = .one,
    sign: Sign = .asRead, sentinel: UInt64? = nil
  ) throws(DeviceProfileProblem) {
    self.quantity = quantity
    self.addresses = [address]
    self.type = type
    self.scale = scale
    self.sign = sign
    self.sentinels = sentinel.map { [$0] } ?? []
    try check()
  }

  /// The first of its addresses.
  public var address: Int { addresses[0] }

  /// Whether each word has an address of its own.
  public var isSplit: Bool { addresses.count > 1 }

  /// Where its words lie.
  public var wordAddresses: [Int] {
    isSplit ? addresses : (0..<type.width).map { addresses[0] + $0 }
  }

  /// Throws for the first field that can't work, naming it.
  public func check() throws(DeviceProfileProblem) {
    func require(_ holds: Bool, _ field: String, _ expected: String) throws(DeviceProfileProblem) {
      if !holds { throw DeviceProfileProblem(field: field, expected: expected) }
    }
    let isOne = addresses.count == 1
    try require(
      isOne || addresses.count == type.width, "addresses",
      "\(type.width) of them, highest word first, as \(type.rawValue) has \(type.width) words")
    let last = isOne ? 65536 - type.width : 65535
    try require(
      addresses.allSatisfy { (0...last).contains($0) }, isOne ? "address" : "addresses",
      "a zero-based register number, 0 to \(last)")
    let isRepeated = addresses.indices.contains { addresses[..<$0].contains(addresses[$0]) }
    try require(!isRepeated, "addresses", "each address once")
    try require(sentinels.count <= 8, "sentinel", "at most 8 of them")
    try require(
      sentinels.allSatisfy { $0 <= type.largestPattern }, "sentinel",
      "at most 0x\(String(type.largestPattern, radix: 16, uppercase: true)), because "
        + "\(type.rawValue) has \(16 * type.width) bits")
    try require(
      offset.magnitude <= Self.largestOffset.magnitude, "offset", "-1000000 to 1000000 counts")
    if let mask {
      try require(!type.isSigned, "mask", "no mask, because \(type.rawValue) has a sign")
      let bits = mask >> UInt64(mask.trailingZeroBitCount)
      try require(
        mask > 0 && mask <= type.largestPattern && bits & (bits &+ 1) == 0, "mask",
        "neighbouring bits within the \(16 * type.width) of \(type.rawValue)")
    }
    if let reversedBy {
      try require(
        (0...65535).contains(reversedBy.address), "reversedBy.address",
        "a zero-based register number, 0 to 65535")
      try require(
        !wordAddresses.contains(reversedBy.address), "reversedBy.address",
        "another register than the number itself")
      try require(
        reversedBy.mask > 0 && reversedBy.equals & ~reversedBy.mask == 0, "reversedBy.equals",
        "a value within the mask")
      try require(
        quantity != .operatingState, "reversedBy", "none, because a state has no sign")
    }
    if quantity == .operatingState {
      try require(
        type != .f32 && scale == .one && offset == 0 && sign == .asRead, "type",
        "an integer without scale, offset or sign, because a state is no amount")
      try require(
        states.keys.allSatisfy { $0 <= mostBits }, "states", "numbers of 0 to \(mostBits)")
    } else {
      try require(
        states.isEmpty, "states", "none, because only an operatingState has them")
    }
  }
}
