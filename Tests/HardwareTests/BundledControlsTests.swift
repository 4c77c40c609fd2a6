import Hardware
import Quantities
import Sites
import Testing

@Suite("The controls of the profiles")
struct BundledControlsTests {
  @Test("every control of every profile can be told its ends and nothing, and be given back")
  func ends() throws {
    let library = try ProfileLibrary(directory: BundledProfiles.directory)
    var count = 0
    for name in library.names {
      for control in try #require(library[name]).controls {
        count += 1
        let what = "\(name): \(control.control)"
        var values = [control.range.lowerBound, control.range.upperBound]
        if control.range.contains(0) { values.append(0) }
        for value in values {
          #expect(control.writes(setting: value) != nil, "\(what) at \(value)")
        }
        #expect(control.releasingWrites() != nil, "\(what)")
        #expect(control.writes(setting: control.range.upperBound + control.control.base) == nil)
        // A set-point in flash needs a write for itself and one for the way back.
        if case .flash(let daily) = control.memory { #expect(daily >= 2, "\(what)") }
        if control.control == .exportLimit || control.control == .powerLimit {
          #expect(control.range.lowerBound >= 0, "\(what)")
        }
      }
    }
    #expect(count > 0)
  }
}
