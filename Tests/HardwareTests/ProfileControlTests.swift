import Hardware
import Sites
import Testing

/// What shipped profiles write to steer a battery, worked out by hand from the makers' papers.
@Suite("What profiles steer")
struct ProfileControlTests {
  /// What to write for one wish, at which first addresses.
  struct Case: Sendable {
    let profile: String
    /// Above zero charges; nil gives the battery back.
    let watts: Int64?
    let words: [Int: [UInt16]]
  }

  static let cases: [Case] = [
    // "Charge" and "discharge" for five minutes, by time; "stop" is no order at all.
    Case(
      profile: "huawei-sun2000", watts: 3000,
      words: [47246: [0], 47083: [5], 47247: [0, 3000, 0, 0], 47100: [1]]),
    Case(
      profile: "huawei-sun2000", watts: -2000,
      words: [47246: [0], 47083: [5], 47247: [0, 0, 0, 2000], 47100: [2]]),
    Case(profile: "huawei-sun2000", watts: nil, words: [47100: [0]]),
    // A heartbeat of a minute, then the external energy manager, its order and its power.
    Case(profile: "sungrow-sh", watts: 3000, words: [13079: [60], 13049: [3, 0xAA, 3000]]),
    Case(profile: "sungrow-sh", watts: -2000, words: [13079: [60], 13049: [3, 0xBB, 2000]]),
    Case(profile: "sungrow-sh", watts: 0, words: [13079: [60], 13049: [3, 0xCC, 0]]),
    Case(profile: "sungrow-sh", watts: nil, words: [13049: [0, 0xCC]]),
    Case(profile: "goodwe-et", watts: 3000, words: [47511: [11, 3000]]),
    Case(profile: "goodwe-et", watts: -2000, words: [47511: [12, 2000]]),
    Case(profile: "goodwe-et", watts: 0, words: [47511: [8, 0]]),
    Case(profile: "goodwe-et", watts: nil, words: [47511: [1, 0]]),
    // A float, the low word first, below zero for charging.
    Case(profile: "kostal-plenticore", watts: 3000, words: [1034: [0x8000, 0xC53B]]),
    Case(profile: "kostal-plenticore", watts: -2000, words: [1034: [0x0000, 0x44FA]]),
    Case(profile: "kostal-plenticore", watts: nil, words: [1034: [0, 0]]),
  ]

  @Test("writes what the maker's papers say", arguments: cases)
  func writes(_ one: Case) throws {
    let profile = try BundledProfiles.named(one.profile)
    let control = try #require(profile.controls.first { $0.control == .batteryPower })
    let order = profile.manners.wordOrder
    let told =
      if let watts = one.watts {
        control.writes(setting: watts * 1000, order: order)
      } else { control.releasingWrites(order: order) }
    let writes = try #require(told)
    let words = Dictionary(uniqueKeysWithValues: writes.map { ($0.address, $0.words) })
    #expect(words == one.words)
  }

  @Test("can write all that it allows", arguments: ProfileFixtureTests.profiles)
  func ranges(_ name: String) throws {
    let profile = try BundledProfiles.named(name)
    for control in profile.controls {
      let ends = [control.range.lowerBound, 0, control.range.upperBound]
      for value in ends where control.range.contains(value) {
        #expect(control.writes(setting: value) != nil, "\(control.control) \(value)")
      }
      #expect(control.releasingWrites() != nil, "\(control.control)")
    }
  }
}
