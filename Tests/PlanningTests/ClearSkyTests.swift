import Quantities
import Testing

import Planning

@Suite("Clear sky")
struct ClearSkyTests {
  static let zurich = Place(
    latitude: Angle(microdegrees: 47_380_000), longitude: Angle(microdegrees: 8_540_000),
    elevationMetres: 400)
  /// 20 June 2024, 00:00 UTC.
  static let june = TimeSlot(index: 19_894 * 96)
  static let december = TimeSlot(index: 20_078 * 96)

  static func array(_ tilt: Int64, _ azimuth: Int64, watts: Int64 = 5000) -> PanelArray {
    PanelArray(
      tilt: Angle(degrees: tilt), azimuth: Angle(degrees: azimuth), peak: Power(watts: watts))
  }

  @Test("is made of the sun's light and the sky's, never less than nothing")
  func parts() {
    let places = [-90, -60, -23, 0, 10, 47, 66, 90].map {
      Place(latitude: Angle(degrees: $0), longitude: Angle(degrees: 20), elevationMetres: 1500)
    }
    for place in places {
      let course = ClearSkyCourse(ClearSky(at: place), from: Self.june, count: 96)
      for moment in course.moments {
        let parts = moment.directNormal * max(0, moment.sun.up) + moment.diffuse
        #expect(abs(parts - moment.global) < 1e-9)
        #expect(moment.directNormal >= 0 && moment.diffuse >= 0)
        #expect(moment.global < moment.extraterrestrial)
        #expect(moment.sun.up > 0 || moment.global == 0)
      }
    }
  }

  @Test("comes and goes with the sun without a jump")
  func dawn() {
    let sky = ClearSky(at: Self.zurich)
    let planes = [Self.array(0, 0), Self.array(90, 90), Self.array(30, 300)]
    for plane in planes {
      var before = sky.irradiance(on: plane, at: Self.june.start)
      for step in 1...(24 * 120) {
        let instant = Self.june.start + TimeSpan(seconds: Int64(step) * 30)
        let now = sky.irradiance(on: plane, at: instant)
        #expect(now >= .zero)
        #expect((now - before).magnitude < Irradiance(milliwattsPerSquareMetre: 7500))
        before = now
      }
    }
  }

  @Test("is stronger on a mountain and weaker in haze")
  func air() {
    let noon = Self.june.advanced(by: 46).start
    let peak = Place(
      latitude: Self.zurich.latitude, longitude: Self.zurich.longitude, elevationMetres: 3500)
    let clean = LinkeTurbidity(thousandths: 2000)
    let valley = ClearSky(at: Self.zurich, turbidity: clean).light(at: noon)
    let mountain = ClearSky(at: peak, turbidity: clean).light(at: noon)
    let haze = ClearSky(at: Self.zurich, turbidity: LinkeTurbidity(thousandths: 6000))
    #expect(mountain.directNormal > valley.directNormal)
    #expect(haze.light(at: noon).directNormal < valley.directNormal)
    #expect(haze.light(at: noon).diffuse > valley.diffuse)
  }

  @Test("falls on panels as they face")
  func facing() {
    let sky = ClearSky(at: Self.zurich)
    let noon = Self.december.advanced(by: 46).start
    let light = sky.light(at: noon)
    #expect(sky.irradiance(on: Self.array(0, 77), at: noon) == light.global)
    let turned = [0, 360].map { sky.irradiance(on: Self.array(40, $0), at: noon) }
    #expect(turned[0] == turned[1])
    let south = sky.irradiance(on: Self.array(70, 180), at: noon)
    let north = sky.irradiance(on: Self.array(70, 0), at: noon)
    #expect(south > light.global + light.global)
    // What looks away from the sun still gets light from sky and ground, but none from the sun.
    #expect(north > .zero && north < light.diffuse + light.global.scaled(by: 1, over: 5))
    let sun = SolarPosition(at: noon, place: Self.zurich)
    let towards = PanelArray(tilt: sun.apparentZenith, azimuth: sun.azimuth, peak: .zero)
    #expect(sky.irradiance(on: towards, at: noon) > light.directNormal)
    let snow = ClearSky(at: Self.zurich, albedoPermille: 800)
    #expect(snow.irradiance(on: Self.array(70, 180), at: noon) > south)
    #expect(snow.irradiance(on: Self.array(0, 180), at: noon) == light.global)
  }

  @Test("under clouds is no more than without, and all diffuse when little comes through")
  func clouds() {
    let moment = ClearSky(at: Self.zurich).moment(at: Self.june.advanced(by: 44).start)
    let plane = PanelPlane(Self.array(35, 180))
    var before = 0.0
    for share in stride(from: 0.05, through: 1, by: 0.05) {
      let clouded = moment.clouded(global: moment.global * share)
      #expect(abs(clouded.global - moment.global * share) < 1e-9)
      #expect(clouded.irradiance(on: plane) > before)
      before = clouded.irradiance(on: plane)
    }
    let dark = moment.clouded(global: moment.global * 0.1)
    #expect(dark.diffuse > 0.95 * dark.global)
    #expect(moment.clouded(global: 0).irradiance(on: plane) == 0)
    #expect(moment.clouded(global: 5000).global < moment.extraterrestrial)
  }

  @Test("is as hazy as a latitude usually is in its season")
  func turbidity() {
    let cases: [(latitude: Int64, slot: TimeSlot, least: Int64, most: Int64)] = [
      (50, Self.june, 3100, 3600), (50, Self.december, 2100, 2600), (0, Self.june, 3600, 4100),
      (-35, Self.june, 2100, 2700), (-35, Self.december, 3100, 3600),
      (80, Self.december, 1500, 2200),
    ]
    for example in cases {
      let place = Place(latitude: Angle(degrees: example.latitude), longitude: .zero)
      let usual = LinkeTurbidity.usual(at: place, on: example.slot.start).thousandths
      #expect((example.least...example.most).contains(usual), "\(example.latitude)°: \(usual)")
    }
    #expect(LinkeTurbidity(thousandths: 0).thousandths == 1000)
    #expect(LinkeTurbidity(thousandths: 99_999).thousandths == 10_000)
  }
}
