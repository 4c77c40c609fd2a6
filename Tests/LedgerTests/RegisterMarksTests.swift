import Ledger
import Quantities
import Testing

@Suite struct RegisterMarksTests {
  static let slot = TimeSlot(index: 2_000_000)

  /// A reading `seconds` into the slot, a watt-hour exported each second.
  static func reading(_ seconds: Int64) -> RegisterMarks.Boundary {
    RegisterMarks.Boundary(
      at: slot.start + TimeSpan(seconds: seconds), imported: .zero,
      exported: Energy(wattHours: 1000 + seconds), resolution: Energy(milliwattHours: 1))
  }

  @Test(
    "a slot is measured by its own readings, and by nothing when there was one alone",
    arguments: [
      // Seconds into the slot of each reading, and the energy borne out in Wh.
      ([10, 400, 905], 895), ([10, 400, 1080], 1070), ([10, 400, 1081], 390),
      ([10, 400, 9000], 390), ([10, 9000], nil), ([10], nil), ([400, 905], 505),
    ] as [([Int64], Int64?)])
  func measures(_ seconds: [Int64], _ wattHours: Int64?) {
    var marks = RegisterMarks()
    for second in seconds { _ = marks.take(Self.reading(second), keeping: true) }
    let found = marks.marks(of: Self.slot)
    let energy = found.map { $0.closing.exported - $0.opening.exported }
    #expect(energy == wattHours.map { Energy(wattHours: $0) })
  }

  @Test("what was stored measures the same after a restart")
  func restores() {
    var marks = RegisterMarks()
    var stored: [KeyedValue] = []
    for second: Int64 in [10, 400] {
      stored += marks.take(Self.reading(second), keeping: true).changes
    }
    var restored = RegisterMarks()
    for change in stored {
      if let value = change.value { restored.restore(key: change.key, value: value) }
    }
    #expect(restored.take(Self.reading(5000), keeping: true).beginsSlot)
    #expect(restored.marks(of: Self.slot)?.closing == Self.reading(400))
  }
}
