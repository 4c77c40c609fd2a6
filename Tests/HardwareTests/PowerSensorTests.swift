import FoundationEssentials
import Glibc
import Hardware
import Quantities
import Testing
import Thrown

@Suite("Power of the computing side")
struct PowerSensorTests {
  /// A machine's files below a folder of their own, gone with it.
  final class Machine {
    let root: String

    init() throws {
      root =
        FileManager.default.temporaryDirectory.path
        + "/heliograph-power-\(UInt64.random(in: 0 ... .max))"
      try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func write(_ path: String, _ text: String, isProgram: Bool = false) throws {
      let file = root + path
      let folder = file.split(separator: "/").dropLast().joined(separator: "/")
      try FileManager.default.createDirectory(
        atPath: "/" + folder, withIntermediateDirectories: true)
      guard isProgram else { return try Data(text.utf8).write(to: URL(filePath: file)) }
      // By a process of its own: a program that another test starts while this one holds the file
      // open would hold it too for a moment, and nobody can run what is open for writing.
      try Data(text.utf8).write(to: URL(filePath: file + ".text"))
      #expect(system("cp '\(file).text' '\(file)'") == 0)
      chmod(file, 0o755)
    }

    func jetson(_ rails: [(label: String, millivolts: Int, milliamperes: Int)]) throws {
      let chip = "/sys/bus/i2c/devices/1-0040"
      try write(chip + "/name", "ina3221\n")
      for (index, rail) in rails.enumerated() {
        try write("\(chip)/hwmon/hwmon3/in\(index + 1)_label", rail.label + "\n")
        try write("\(chip)/hwmon/hwmon3/in\(index + 1)_input", "\(rail.millivolts)\n")
        try write("\(chip)/hwmon/hwmon3/curr\(index + 1)_input", "\(rail.milliamperes)\n")
      }
    }
  }

  @Test("takes a Jetson's input rail for the whole module")
  func jetson() async throws {
    let machine = try Machine()
    try machine.jetson([("VDD_IN", 4912, 1504), ("VDD_CPU_GPU_CV", 4912, 400), ("NC", 0, 0)])
    #expect(PowerSensor.detect(root: machine.root) == .jetson)
    let power = try await PowerSensor(.jetson, root: machine.root).power()
    #expect(power == Power(milliwatts: 7387))
  }

  @Test("adds up the rails of a Jetson without an input rail, leaving out the unconnected")
  func rails() async throws {
    let machine = try Machine()
    try machine.jetson([("GPU", 19_000, 100), ("NC", 19_000, 900), ("CPU", 19_000, 50)])
    let power = try await PowerSensor(.jetson, root: machine.root).power()
    #expect(power == Power(milliwatts: 2850))
    try machine.write("/sys/bus/i2c/devices/1-0040/hwmon/hwmon3/curr3_input", "\n")
    let failure = await thrownLater(PowerSensor.Failure.self) {
      _ = try await PowerSensor(.jetson, root: machine.root).power()
    }
    #expect(failure?.description.contains("INA3221") == true)
  }

  @Test("multiplies each rail of a Raspberry Pi 5 and adds them up")
  func raspberryPi() async throws {
    let machine = try Machine()
    try machine.write("/sys/firmware/devicetree/base/model", "Raspberry Pi 5 Model B Rev 1.0\u{0}")
    let script = """
      #!/bin/sh
      [ "$1" = pmic_read_adc ] || exit 1
      echo '   VDD_CORE_A current(7)=1.50000000A'
      echo '   3V3_SYS_A current(1)=0.10000000A'
      echo '     EXT5V_V volt(24)=5.11000000V'
      echo '   VDD_CORE_V volt(15)=0.80000000V'
      echo '    3V3_SYS_V volt(9)=3.30000000V'
      """
    try machine.write("/usr/bin/vcgencmd", script, isProgram: true)
    #expect(PowerSensor.detect(root: machine.root) == .raspberryPi)
    let power = try await PowerSensor(
      .raspberryPi, root: machine.root, patience: TimeSpan(seconds: 60)
    ).power()
    #expect(power == Power(milliwatts: 1530))
  }

  @Test("adds up graphics cards, and has no value unless each one tells")
  func nvidia() async throws {
    let machine = try Machine()
    func answer(_ lines: String) throws {
      try machine.write(
        "/usr/bin/nvidia-smi", "#!/bin/sh\nprintf '\(lines)'\n", isProgram: true)
    }
    try answer("57.34\\n12.00\\n")
    #expect(PowerSensor.detect(root: machine.root) == .nvidia)
    let sensor = PowerSensor(.nvidia, root: machine.root, patience: TimeSpan(seconds: 60))
    #expect(try await sensor.power() == Power(milliwatts: 69_340))
    try answer("57.34\\n[N/A]\\n")
    let failure = await thrownLater(PowerSensor.Failure.self) { _ = try await sensor.power() }
    #expect(failure?.description.contains("every card") == true)
  }

  @Test("stops a tool that never ends")
  func hanging() async throws {
    let machine = try Machine()
    try machine.write(
      "/usr/bin/nvidia-smi", "#!/bin/sh\nexec sleep 600\n", isProgram: true)
    let failure = await thrownLater(PowerSensor.Failure.self) {
      _ = try await PowerSensor(
        .nvidia, root: machine.root, patience: TimeSpan(milliseconds: 200)
      ).power()
    }
    #expect(failure?.description.contains("longer than") == true)
  }

  @Test("follows a processor's energy counter over its end")
  func counter() async throws {
    let machine = try Machine()
    let folder = "/sys/class/powercap/intel-rapl:0"
    try machine.write(folder + "/max_energy_range_uj", "262143328850\n")
    try machine.write(folder + "/energy_uj", "262143328000\n")
    #expect(PowerSensor.detect(root: machine.root) == .rapl)
    let sensor = PowerSensor(.rapl, root: machine.root)
    #expect(try await sensor.power() == .zero)
    // 850 µJ to the end, one over it, and the rest from zero: some energy, and not 262 kJ.
    try machine.write(folder + "/energy_uj", "1999149\n")
    let power = try await sensor.power()
    #expect(power > .zero && power < Power(watts: 200))
    try machine.write(folder + "/max_energy_range_uj", "0\n")
    #expect(await thrownLater(PowerSensor.Failure.self) { _ = try await sensor.power() } != nil)
  }

  @Test("finds nothing on a machine that has nothing")
  func none() throws {
    let machine = try Machine()
    #expect(PowerSensor.detect(root: machine.root) == nil)
  }
}
