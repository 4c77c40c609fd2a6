import Quantities
import Sites

/// Any text as a profile, and what an accepted one does with any registers.
enum ProfileFuzzing {
  static func run(_ bytes: [UInt8], promise: (Bool, String) -> Void) {
    if let dump = try? RegisterDump(text: bytes) {
      let again = try? RegisterDump(text: Array(dump.text.utf8))
      promise(again?.image == dump.image, "a dump writes what it reads")
      promise(again?.meanings == dump.meanings, "a dump writes what it means")
    }
    do {
      let profile = try DeviceProfile(json5: bytes)
      tryOut(RegisterMap(profile), with: bytes, promise: promise)
    } catch {
      promise(!error.message.isEmpty, "an error says what is wrong")
      let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 1
      promise(error.line.map { (1...lines).contains($0) } ?? true, "an error's line is a line")
    }
  }

  /// Decodes registers that hold the text's own bytes, and what they mean once more.
  private static func tryOut(
    _ map: RegisterMap, with bytes: [UInt8], promise: (Bool, String) -> Void
  ) {
    var image = RegisterImage()
    var source = bytes.makeIterator()
    for span in map.plan + map.slowPlan {
      promise(
        span.count <= map.profile.manners.maximumRegistersPerRead, "a request is within the limit")
      let words = (0..<span.count).map { _ in
        UInt16(source.next() ?? 0) << 8 | UInt16(source.next() ?? 0)
      }
      image.write(words, at: span.address, in: span.table)
    }
    let reading = map.decode(image, device: "device", at: .distantPast)
    for quantity in DeviceQuantity.allCases where reading[quantity] != nil {
      promise(
        map.profile.registers.contains { $0.quantity == quantity }, "nothing is made up")
    }
    let encoded = map.encode(reading)
    _ = map.decode(encoded, device: "device", at: .distantPast)
    for control in map.profile.controls {
      promise(!control.write.isEmpty, "a control writes something")
    }
  }
}
