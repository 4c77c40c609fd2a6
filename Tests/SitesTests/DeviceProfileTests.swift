import Quantities
import Sites
import Testing
import Thrown

@Suite("DeviceProfile")
struct DeviceProfileTests {
  @Test("refuses two registers in one place, naming the second")
  func overlap() {
    let problem = thrown(DeviceProfileProblem.self) {
      try DeviceProfile(
        name: "x", maker: "x", devices: "x", manners: .init(),
        registers: [
          DeviceRegister(quantity: .pvPower, address: 11, type: .u16),
          DeviceRegister(quantity: .loadPower, address: 10, type: .u32),
        ])
    }
    #expect(problem?.field == "registers[0].address")
    #expect(problem?.expected == "an address that registers[1] doesn't take as well")
  }

  @Test("wants the step of a float total stated")
  func floatTotal() {
    let problem = thrown(DeviceProfileProblem.self) {
      try DeviceProfile(
        name: "x", maker: "x", devices: "x", manners: .init(),
        registers: [DeviceRegister(quantity: .importedTotal, address: 0, type: .f32)])
    }
    #expect(problem?.field == "totalResolutionMilliwattHours")
  }

  @Test(
    "refuses manners that no device can have",
    arguments: [
      ("holeLimit", -1), ("holeLimit", 121), ("maximumRegistersPerRead", 126),
      ("maximumRegistersPerRead", 1), ("connectDelayMilliseconds", 10_001),
      ("gapMilliseconds", -1), ("largestPowerWatts", 0),
    ])
  func manners(field: String, value: Int) {
    var manners = DeviceProfile.Manners()
    switch field {
    case "holeLimit": manners.holeLimit = value
    case "maximumRegistersPerRead": manners.maximumRegistersPerRead = value
    case "connectDelayMilliseconds":
      manners.connectDelay = TimeSpan(milliseconds: Int64(value))
    case "gapMilliseconds": manners.gap = TimeSpan(milliseconds: Int64(value))
    default: manners.largestPower = Power(watts: Int64(value))
    }
    let problem = thrown(DeviceProfileProblem.self) {
      try DeviceProfile(
        name: "x", maker: "x", devices: "x", manners: manners,
        registers: [DeviceRegister(quantity: .pvPower, address: 0, type: .u16)])
    }
    #expect(problem?.field == field)
  }

  @Test("reads a scale only as a whole number or a ratio of two, 1 to 10000")
  func scales() {
    #expect(RegisterScale(text: "1/10") == RegisterScale(1, over: 10))
    #expect(RegisterScale(text: "1000") == RegisterScale(1000, over: 1))
    for text in ["", "0", "1/0", "0.1", "-1", "1/2/3", "1/", "10001", "a"] {
      #expect(RegisterScale(text: text) == nil, "\(text)")
    }
  }

  @Test("refuses an address or a sentinel that doesn't fit the type")
  func registers() {
    #expect(throws: DeviceProfileProblem.self) {
      try DeviceRegister(quantity: .pvPower, address: 65535, type: .u32)
    }
    #expect(throws: DeviceProfileProblem.self) {
      try DeviceRegister(quantity: .pvPower, address: 0, type: .u16, sentinel: 0x1_0000)
    }
  }
}
