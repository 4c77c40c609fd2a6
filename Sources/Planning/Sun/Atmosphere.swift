/// The air over a place, as far as it bends and weakens sunlight.
package struct Atmosphere: Hashable, Sendable {
  /// In hectopascals.
  package let pressure: Double
  /// In degrees Celsius.
  package let temperature: Double

  /// 12 °C is what comparable programs take.
  package init(pressure: Double, temperature: Double = 12) {
    self.pressure = pressure
    self.temperature = temperature
  }

  /// The standard atmosphere at a height above the sea: 1013.25 hPa at 0 m, 795 hPa at 2000 m.
  package init(elevationMetres: Int64) {
    let base = (44331.514 - Double(elevationMetres)) / 11880.516
    self.init(pressure: raise(base, to: 1 / 0.1902632))
  }

  /// How much higher a body seems to stand than it does; radians in, radians out.
  ///
  /// Reda and Andreas, equation 42; nothing from the moment on that all of the sun is gone.
  package func refraction(atElevation elevation: Double) -> Double {
    let degrees = elevation / .degree
    guard degrees >= -(0.26667 + 0.5667) else { return 0 }
    let density = pressure / 1010 * 283 / (273 + temperature)
    let slope = tangent(of: (degrees + 10.3 / (degrees + 5.11)) * .degree)
    return density * 1.02 / (60 * slope) * .degree
  }

  /// How many atmospheres at sea level the light comes through: Kasten and Young (1989) at the
  /// height where the sun seems to stand (radians, ≥ 0), times the pressure.
  package func airMass(atApparentElevation elevation: Double) -> Double {
    let degrees = elevation / .degree
    let bend = 0.50572 * raise(degrees + 6.07995, to: -1.6364)
    return 1 / (sine(of: elevation) + bend) * pressure / 1013.25
  }
}
