import Quantities

/// A maker's register map as data: where a kind of device keeps what it measures.
///
/// Devices are data so that a household with one nobody has seen can describe it without a
/// compiler. The edge reads profiles from JSON5 files.
public struct DeviceProfile: Hashable, Sendable {
  /// How the device wants to be talked to and what its numbers mean, beside the registers.
  public struct Manners: Hashable, Sendable {
    public var table: RegisterTable = .holding
    public var wordOrder: RegisterType.WordOrder = .highFirst
    /// How long the device wants to be left alone after a connection is made.
    public var connectDelay: TimeSpan = .zero
    /// How long the device wants to be left alone between two requests.
    public var gap: TimeSpan = .zero
    /// The most registers that the device answers at once, 1 to 125.
    public var maximumRegistersPerRead: Int = RegisterSpan.maximumCount
    /// The most unwanted registers to read along rather than ask twice; 0 where gaps are refused.
    public var holeLimit: Int = 0
    /// The step of the cumulative totals; without it, one count of the register.
    public var totalResolution: Energy?
    /// A power beyond this is not believed but taken as unknown: a torn read shows up so.
    public var largestPower = Power(watts: 200_000)

    public init() {}
  }

  /// What a configuration calls it, such as "growatt-sph".
  public let name: String
  public let maker: String
  /// The devices that it fits, in words.
  public let devices: String
  public let manners: Manners
  public let registers: [DeviceRegister]
  /// What of the device can be steered, each control once.
  public let controls: [DeviceControl]

  /// Throws for the first field that can't work, naming it.
  public init(
    name: String, maker: String, devices: String, manners: Manners, registers: [DeviceRegister],
    controls: [DeviceControl] = []
  ) throws(DeviceProfileProblem) {
    func require(_ holds: Bool, _ field: String, _ expected: String) throws(DeviceProfileProblem) {
      if !holds { throw DeviceProfileProblem(field: field, expected: expected) }
    }
    let letters = name.utf8.allSatisfy { byte in
      (97...122).contains(byte) || (48...57).contains(byte) || byte == 45
    }
    try require(
      letters && (1...40).contains(name.utf8.count), "name",
      "1 to 40 small letters, digits and hyphens")
    let delays = TimeSpan.zero...TimeSpan(seconds: 10)
    try require(
      delays.contains(manners.connectDelay), "connectDelayMilliseconds", "0 to 10000")
    try require(delays.contains(manners.gap), "gapMilliseconds", "0 to 10000")
    try require(
      (2...RegisterSpan.maximumCount).contains(manners.maximumRegistersPerRead),
      "maximumRegistersPerRead", "2 to 125")
    try require((0...120).contains(manners.holeLimit), "holeLimit", "0 to 120")
    try require(
      (1...64).contains(registers.count), "registers", "1 to 64 registers")
    try require(
      manners.largestPower > .zero && manners.largestPower.milliwatts <= magnitudeLimit,
      "largestPowerWatts", "1 to 1000000000")
    if let resolution = manners.totalResolution {
      try require(resolution > .zero, "totalResolutionMilliwattHours", "1 or more")
    } else {
      let bare = registers.firstIndex { $0.quantity.isTotal && $0.type == .f32 }
      try require(
        bare == nil, "totalResolutionMilliwattHours",
        "the step of the float register registers[\(bare ?? 0)], because a float has none")
    }
    let sorted = registers.indices.sorted { registers[$0].address < registers[$1].address }
    for (left, right) in zip(sorted, sorted.dropFirst()) {
      try require(
        registers[left].end <= registers[right].address, "registers[\(right)].address",
        "an address that registers[\(left)] doesn't take as well")
    }
    self.name = name
    self.maker = maker
    self.devices = devices
    self.manners = manners
    self.registers = registers
    self.controls = controls
  }
}
