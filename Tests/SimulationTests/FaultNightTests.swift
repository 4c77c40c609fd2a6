import Glibc
import Testing
import Thrown

/// The night of faults is a command of heliosim's, because only a program joins devices and house.
@Suite("A night of faults over real wires")
struct FaultNightTests {
  @Test("ends with every energy total equal to the truth", arguments: [1, 2])
  func night(seed: Int) async throws {
    let output = try await besidePool {
      try Heliosim.run(
        ["faults", "--seed", "\(seed)", "--poll", "60", "--every", "60"] + Heliosim.profiles)
    }
    #expect(output.status == 0, "\(output.text)")
    for total in ["imported", "exported", "generated", "charged", "discharged"] {
      #expect(output.text.contains("\(total)Total: counted"), "\(output.text)")
    }
  }

  @Test("is refused with a word about it when its options make no sense")
  func options() throws {
    #expect(try Heliosim.run(["faults", "--poll", "0"]).status == 2)
    #expect(try Heliosim.run(["faults", "--seed"]).status == 2)
  }
}
