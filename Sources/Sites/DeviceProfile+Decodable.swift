import Quantities

/// The JSON5 form of a profile; every duration and limit has its unit in its name.
extension DeviceProfile: Decodable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, maker, devices, functionCode, wordOrder, connectDelayMilliseconds, gapMilliseconds
    case maximumRegistersPerRead, holeLimit, totalResolutionMilliwattHours, largestPowerWatts
    case registers
  }

  public init(from decoder: any Decoder) throws {
    try DeviceProfileKey.refuseUnknown(in: decoder, but: CodingKeys.allCases.map(\.rawValue))
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    var manners = Manners()
    guard
      let table = RegisterTable(rawValue: try fields.decode(UInt8.self, forKey: .functionCode))
    else { throw DeviceProfileProblem(field: "functionCode", expected: "3 or 4") }
    manners.table = table
    if let text = try fields.decodeIfPresent(String.self, forKey: .wordOrder) {
      guard let order = RegisterType.WordOrder(rawValue: text) else {
        throw DeviceProfileProblem(field: "wordOrder", expected: "highFirst or lowFirst")
      }
      manners.wordOrder = order
    }
    func number(_ key: CodingKeys, in range: ClosedRange<Int64>) throws -> Int64? {
      guard let number = try fields.decodeIfPresent(Int64.self, forKey: key) else { return nil }
      guard range.contains(number) else {
        throw DeviceProfileProblem(
          field: key.rawValue, expected: "\(range.lowerBound) to \(range.upperBound)")
      }
      return number
    }
    if let delay = try number(.connectDelayMilliseconds, in: 0...10_000) {
      manners.connectDelay = TimeSpan(milliseconds: delay)
    }
    if let gap = try number(.gapMilliseconds, in: 0...10_000) {
      manners.gap = TimeSpan(milliseconds: gap)
    }
    if let maximum = try number(.maximumRegistersPerRead, in: 2...125) {
      manners.maximumRegistersPerRead = Int(maximum)
    }
    if let limit = try number(.holeLimit, in: 0...120) { manners.holeLimit = Int(limit) }
    if let step = try number(.totalResolutionMilliwattHours, in: 1...magnitudeLimit) {
      manners.totalResolution = Energy(milliwattHours: step)
    }
    if let watts = try number(.largestPowerWatts, in: 1...1_000_000_000) {
      manners.largestPower = Power(watts: watts)
    }
    try self.init(
      name: try fields.decode(String.self, forKey: .name),
      maker: try fields.decode(String.self, forKey: .maker),
      devices: try fields.decode(String.self, forKey: .devices),
      manners: manners,
      registers: try fields.decode([DeviceRegister].self, forKey: .registers))
  }
}
