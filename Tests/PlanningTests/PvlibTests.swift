import Quantities
import Testing
import Thrown

import Planning

/// Our sun and clear sky beside those of pvlib, the reference of the field.
@Suite("Sun and clear sky beside pvlib")
struct PvlibTests {
  /// What the script prints for `part`, split into words; nil without a Python that has pvlib.
  private func lines(_ part: String) async throws -> [[Substring]]? {
    guard let python = InteropProcess.python() else { return nil }
    let text = try await besidePool {
      let script = try InteropProcess(
        python: python, script: "pvlib_sun.py", arguments: [part])
      defer { script.finish() }
      return try script.wholeOutput()
    }
    return text.split(separator: "\n").map { $0.split(separator: " ") }
  }

  @Test("puts the sun where pvlib does, to 0.01°, over 50 years and all latitudes")
  func positions() async throws {
    guard let lines = try await lines("positions") else { return }
    var worst = (direction: 0.0, zenith: 0.0, apparent: 0.0)
    var latitudes: Set<Int64> = []
    var days: Set<Int64> = []
    for line in lines {
      let whole = try line.prefix(4).map { try #require(Int64($0)) }
      let theirs = try line.dropFirst(4).map { try #require(Double($0)) }
      let place = Place(
        latitude: Angle(microdegrees: whole[1]), longitude: Angle(microdegrees: whole[2]),
        elevationMetres: whole[3])
      let ours = SolarPosition(at: Instant(millisecondsSince1970: whole[0]), place: place)
      let direction = SkyDirection(
        zenith: ours.zenith.radians, azimuth: ours.azimuth.radians)
      let other = SkyDirection(zenith: theirs[0] * .degree, azimuth: theirs[2] * .degree)
      worst.direction = max(worst.direction, direction.distance(to: other) / .degree)
      worst.zenith = max(worst.zenith, abs(ours.zenith.radians / .degree - theirs[0]))
      let apparent = ours.apparentZenith.radians / .degree
      worst.apparent = max(worst.apparent, abs(apparent - theirs[1]))
      latitudes.insert(whole[1])
      days.insert(whole[0] / TimeSpan.day.milliseconds)
    }
    print("sun beside pvlib, \(lines.count) positions, worst in degrees: \(worst)")
    #expect(latitudes.count >= 37 && days.count > 10_000)
    #expect(worst.direction <= 0.01)
    #expect(worst.zenith <= 0.01)
    #expect(worst.apparent <= 0.01)
  }

  /// What falls on one plane in the hours of a year, ours and theirs in W/m².
  private struct Year {
    let name: String
    private(set) var ours = 0.0
    private(set) var theirs = 0.0
    /// The worst hour of those with substantial sun, as a share of theirs.
    private(set) var worstHour = 0.0
    private(set) var substantialHours = 0

    init(_ name: String) { self.name = name }

    mutating func add(ours: Double, theirs: Double) {
      self.ours += ours
      self.theirs += theirs
      guard theirs >= 50 else { return }
      substantialHours += 1
      worstHour = max(worstHour, abs(ours / theirs - 1))
    }

    /// How far ours is off over the whole year.
    var error: Double { abs(ours / theirs - 1) }
  }

  @Test("gives a clear sky's light on tilted planes as pvlib does, to 2 %, on its TMY sites")
  func sky() async throws {
    guard let lines = try await lines("sky") else { return }
    let starts = lines.indices.filter { lines[$0].first == "site" }
    #expect(starts.count >= 3)
    for (start, end) in zip(starts, starts.dropFirst() + [lines.endIndex]) {
      try compare(Array(lines[start..<end]))
    }
  }

  /// Compares a site's year, plane by plane.
  private func compare(_ lines: [[Substring]]) throws {
    let site = try lines[0].dropFirst(2).map { try #require(Int64($0)) }
    let place = Place(
      latitude: Angle(microdegrees: site[0]), longitude: Angle(microdegrees: site[1]),
      elevationMetres: site[2])
    let angles = try lines[1].dropFirst().map { try #require(Double($0)) }
    let planes = stride(from: 0, to: angles.count, by: 2).map { index in
      PanelPlane(tilt: angles[index] * .degree, azimuth: angles[index + 1] * .degree)
    }
    var years = [Year("global"), Year("direct normal"), Year("diffuse")]
    years += planes.indices.map { Year("\(angles[2 * $0])° to \(angles[2 * $0 + 1])°") }
    years.append(Year("clouded"))
    for line in lines.dropFirst(2) {
      let instant = Instant(millisecondsSince1970: try #require(Int64(line[0])))
      let turbidity = LinkeTurbidity(thousandths: try #require(Int64(line[1])))
      let theirs = try line.dropFirst(2).map { try #require(Double($0)) }
      let moment = ClearSky(at: place, turbidity: turbidity).moment(at: instant)
      var ours = [moment.global, moment.directNormal, moment.diffuse]
      ours += planes.map { moment.irradiance(on: $0) }
      ours.append(moment.clouded(global: theirs[0] * 0.4).irradiance(on: planes[0]))
      for index in years.indices { years[index].add(ours: ours[index], theirs: theirs[index]) }
    }
    let worstYear = years.map(\.error).max() ?? .infinity
    let worstHour = years.map(\.worstHour).max() ?? .infinity
    print("\(lines[0][1]) beside pvlib: worst year \(worstYear), worst hour \(worstHour)")
    for year in years {
      #expect(year.substantialHours > 500, "\(lines[0][1]) \(year.name)")
      #expect(year.error <= 0.02, "\(lines[0][1]) \(year.name)")
      #expect(year.worstHour <= 0.02, "\(lines[0][1]) \(year.name)")
    }
  }
}

extension SkyDirection {
  /// The angle between two directions in radians, exact also where it is small.
  fileprivate func distance(to other: SkyDirection) -> Double {
    let apart = [east - other.east, north - other.north, up - other.up]
    let squares = apart.map { $0 * $0 }
    return 2 * arcSine(of: squares.reduce(0, +).squareRoot() / 2)
  }
}
