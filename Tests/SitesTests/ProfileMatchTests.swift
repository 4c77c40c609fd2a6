import Quantities
import Sites
import Testing
import Thrown

@Suite("Which profile reads an unknown device")
struct ProfileMatchTests {
  static func map(_ name: String, _ registers: [(DeviceQuantity, Int)]) throws -> RegisterMap {
    var manners = DeviceProfile.Manners()
    manners.table = .input
    return RegisterMap(
      try DeviceProfile(
        name: name, maker: "x", devices: "x", manners: manners,
        registers: try registers.map {
          try DeviceRegister(quantity: $0.0, address: $0.1, type: .s16)
        }))
  }

  /// Sun 2,000, load 500, grid −500, battery 1,000, 60 %.
  static var image: RegisterImage {
    var image = RegisterImage()
    image.write([2000, 500, 0xFE0C, 1000, 60, 0, 0, 0], at: 0, in: .input)
    return image
  }

  @Test("prefers the one whose powers add up")
  func ranking() throws {
    let right = try Self.map(
      "right",
      [
        (.pvPower, 0), (.loadPower, 1), (.gridPower, 2), (.batteryPower, 3), (.stateOfCharge, 4),
      ])
    let wrong = try Self.map(
      "aaa",
      [(.pvPower, 4), (.loadPower, 0), (.gridPower, 3), (.batteryPower, 1)])
    let matches = [wrong, right].compactMap { ProfileMatch(map: $0, image: Self.image) }
    #expect(ProfileMatch.ranked(matches).map(\.profile) == ["right", "aaa"])
    #expect(matches.map(\.known) == [4, 5])
  }

  @Test("takes zeros and absent registers for no match")
  func none() throws {
    let zeros = try Self.map("zeros", [(.pvPower, 5), (.gridPower, 6)])
    #expect(ProfileMatch(map: zeros, image: Self.image) == nil)
    let absent = try Self.map(
      "absent", [(.pvPower, 0), (.loadPower, 100), (.gridPower, 101)])
    #expect(ProfileMatch(map: absent, image: Self.image) == nil)
  }
}
