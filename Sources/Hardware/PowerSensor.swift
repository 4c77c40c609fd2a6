import Dispatch
import Glibc
import Quantities

/// What a computer draws, by the sensor that it has of its own. An estimate: never billed.
///
/// One measurement at a time, on a queue of its own, because a graphics card's tool may take a
/// second and a sick one never ends: it is stopped after `patience`.
public actor PowerSensor {
  /// Which sensor.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The INA3221 of an NVIDIA Jetson: the whole module.
    case jetson
    /// The power management circuit of a Raspberry Pi 5: its rails, without what hangs on USB.
    case raspberryPi
    /// `nvidia-smi`: the graphics cards alone.
    case nvidia
    /// The processor package's energy counter; most systems let only root read it.
    case rapl
  }

  /// Why there is no value.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
  }

  /// The longest that a tool may take.
  public nonisolated let patience: TimeSpan

  public nonisolated let kind: Kind
  private nonisolated let executor = ModbusExecutor(label: "power sensor")
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }
  private let root: String
  private var counter: EnergyCounterReading?

  /// - Parameters:
  ///   - root: stands before every path; empty on a real machine.
  ///   - patience: the longest that a tool may take.
  public init(_ kind: Kind, root: String = "", patience: TimeSpan = TimeSpan(seconds: 5)) {
    self.kind = kind
    self.root = root
    self.patience = patience
  }

  /// The sensor that this machine has: of several, the one that sees most of it.
  public static func detect(root: String = "") -> Kind? {
    if JetsonRails(root: root) != nil { return .jetson }
    if CommandOutput.find("nvidia-smi", root: root) != nil { return .nvidia }
    if SystemFile.text(root + "/sys/firmware/devicetree/base/model")?.hasPrefix("Raspberry Pi 5")
      == true,
      CommandOutput.find("vcgencmd", root: root) != nil
    {
      return .raspberryPi
    }
    return EnergyCounterReading.isReadable(root: root) ? .rapl : nil
  }

  /// One measurement.
  ///
  /// The energy counter tells the mean power since the measurement before; the first takes 0.2 s.
  public func power() throws(Failure) -> Power {
    switch kind {
    case .jetson:
      guard let rails = JetsonRails(root: root), let power = rails.power() else {
        throw Failure("the INA3221 under /sys/bus/i2c gives no power; check that its driver runs")
      }
      return power
    case .raspberryPi:
      let text = try output("vcgencmd", ["pmic_read_adc"])
      guard let power = PowerText.raspberryPi(text) else {
        throw Failure("vcgencmd pmic_read_adc gives no rails; a Raspberry Pi 4 has none")
      }
      return power
    case .nvidia:
      let text = try output(
        "nvidia-smi", ["--query-gpu=power.draw", "--format=csv,noheader,nounits"])
      guard let power = PowerText.nvidia(text) else {
        throw Failure("nvidia-smi gives no power.draw for every card")
      }
      return power
    case .rapl: return try packagePower()
    }
  }

  private func packagePower() throws(Failure) -> Power {
    if counter == nil { counter = EnergyCounterReading(root: root, at: .now) }
    // A mean over less than a fifth of a second tells more of the measuring than of the machine.
    if let counter, counter.at.duration(to: .now) < .milliseconds(200) { usleep(200_000) }
    let earlier = counter
    counter = EnergyCounterReading(root: root, at: .now)
    guard let counter else {
      throw Failure(
        "/sys/class/powercap/intel-rapl:0/energy_uj can't be read; most systems let only root")
    }
    guard let power = earlier.flatMap(counter.power(since:)) else {
      throw Failure("the processor's energy counter stood still too long or changed its range")
    }
    return power
  }

  private func output(_ tool: String, _ arguments: [String]) throws(Failure) -> String {
    guard let path = CommandOutput.find(tool, root: root) else {
      throw Failure("\(tool) is not installed")
    }
    guard let text = CommandOutput.run(path, arguments, within: patience) else {
      throw Failure("\(tool) failed or took longer than \(patience.seconds) s")
    }
    return text
  }
}
