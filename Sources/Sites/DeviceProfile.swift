import Quantities

/// A maker's register map as data: where a kind of device keeps what it measures.
///
/// Devices are data so that a household with one nobody has seen can describe it without a
/// compiler. Profiles are read from JSON5 files.
public struct DeviceProfile: Hashable, Sendable {
  /// How the device wants to be talked to and what its numbers mean, beside the registers.
  public struct Manners: Hashable, Sendable {
    public var table: RegisterTable = .holding
    public var wordOrder: RegisterType.WordOrder = .highFirst
    /// The unit that it usually has on its bus, where there is a usual one.
    public var unit: UInt8?
    /// The serial line that it is delivered with, where it speaks RTU.
    public var serial: SerialFormat?
    /// How long the device wants to be left alone after a connection is made.
    public var connectDelay: TimeSpan = .zero
    /// How long the device wants to be left alone between two requests.
    public var gap: TimeSpan = .zero
    /// How long it may take to answer; nil: the bus's.
    public var timeout: TimeSpan?
    /// Whether the connection is closed after each poll, because the device drops one that waits.
    public var disconnects = false
    /// The most registers that the device answers at once, 1 to 125.
    public var maximumRegistersPerRead: Int = RegisterSpan.maximumCount
    /// The most unwanted registers to read along rather than ask twice; 0 where gaps are refused.
    public var holeLimit: Int = 0
    /// How often what hardly ever changes is read.
    public var slowPoll = TimeSpan(seconds: 60)
    /// The step of the cumulative totals; without it, one count of the register.
    public var totalResolution: Energy?
    /// A power beyond this is not believed but taken as unknown: a torn read shows up so.
    public var largestPower = Power(watts: 200_000)

    public init() {}
  }

  /// The most registers that a profile may have.
  public static let maximumRegisters = 128

  /// What a configuration calls it, such as "growatt-sph".
  public let name: String
  public let maker: String
  /// The devices that it fits, in words.
  public let devices: String
  /// Where its figures were read; empty where nobody says.
  public let source: String
  public let manners: Manners
  public let registers: [DeviceRegister]
  /// What of the device can be steered, each control once.
  public let controls: [DeviceControl]

  /// Throws for the first field that can't work, naming it.
  public init(
    name: String, maker: String, devices: String, source: String = "", manners: Manners,
    registers: [DeviceRegister], controls: [DeviceControl] = []
  ) throws(DeviceProfileProblem) {
    self.name = name
    self.maker = maker
    self.devices = devices
    self.source = source
    self.manners = manners
    self.registers = registers
    self.controls = controls
    try checkName()
    try manners.check()
    try checkRegisters()
    try checkControls()
  }

  private func checkName() throws(DeviceProfileProblem) {
    let letters = name.utf8.allSatisfy { byte in
      (97...122).contains(byte) || (48...57).contains(byte) || byte == 45
    }
    guard letters, (1...40).contains(name.utf8.count) else {
      throw DeviceProfileProblem(
        field: "name", expected: "1 to 40 small letters, digits and hyphens")
    }
  }

  private func checkControls() throws(DeviceProfileProblem) {
    for (index, control) in controls.enumerated() {
      do { try control.check() } catch { throw error.within("controls[\(index)]") }
      guard !controls[..<index].contains(where: { $0.control == control.control }) else {
        throw DeviceProfileProblem(
          field: "controls[\(index)].control", expected: "each control once")
      }
    }
  }
}
