import Glibc
import Quantities
import Runners
import Testing
import Thrown

struct GPUPowerLimitTests {
  /// Graphics cards that take a limit, and a systemctl that sets it as the unit does.
  final class StandIn {
    let folder: ScratchFolder

    init(_ answer: String, obeys: Bool = true) throws {
      folder = try ScratchFolder()
      try folder.write(answer, to: "answer")
      let set = obeys ? "sed -i \"s/[0-9.]*\\$/$watts.00/\" answer" : "true"
      let tool = """
        #!/bin/sh
        cd "${0%/usr/bin/*}" || exit 1
        case "$*" in
          --query-gpu=*) cat answer; exit ;;
          --power-limit=*) watts=${1#*=} ;;
          *heliograph-gpu-power@*.service) watts=${3#*@}; watts=${watts%.service} ;;
        esac
        echo "$*" >>calls
        \(set)
        """
      try folder.write(tool, to: "tool")
      let make = "cd '\(folder.path)' && mkdir -p usr/bin && chmod 755 tool"
      let copies = " && cp tool usr/bin/nvidia-smi && cp tool usr/bin/systemctl"
      guard system(make + copies) == 0 else { throw ScratchFolder.Failure(message: "no tools") }
    }

    func limit(usesUnit: Bool = true) -> GPUPowerLimit {
      GPUPowerLimit(usesUnit: usesUnit, root: folder.path)
    }

    var calls: String { folder.read("calls") ?? "" }
  }

  @Test(
    "sets a limit within what the card allows, by the unit or itself", arguments: [true, false])
  func setsLimits(usesUnit: Bool) throws {
    let stand = try StandIn("100.50, 450.00, 450.00\n")
    let limit = stand.limit(usesUnit: usesUnit)
    #expect(try limit.set(Power(watts: 220)) == Power(watts: 220))
    #expect(try limit.set(Power(watts: 5)) == Power(watts: 101))
    #expect(try limit.set(Power(watts: 900)) == Power(watts: 450))
    #expect(try limit.set(Power(milliwatts: 180_900)) == Power(watts: 180))
    #expect(try limit.reset() == Power(watts: 450))
    let watts = [220, 101, 450, 180, 450]
    let calls = watts.map { watts in
      usesUnit
        ? "--no-ask-password start heliograph-gpu-power@\(watts).service\n"
        : "--power-limit=\(watts)\n"
    }
    #expect(stand.calls == calls.joined())
  }

  @Test("of several cards keeps what all of them allow")
  func keepsToAllCards() throws {
    let stand = try StandIn("100.00, 450.00, 450.00\n150.00, 300.00, 280.00\n")
    let range = try stand.limit().range()
    #expect(range.lowest == Power(watts: 150))
    #expect(range.usual == Power(watts: 300))
    #expect(range.present == Power(watts: 450))
    #expect(try stand.limit().set(Power(watts: 120)) == Power(watts: 150))
  }

  @Test("says what it could not do")
  func saysFailures() throws {
    let fixed = try StandIn("[N/A], [N/A], [N/A]\n")
    let none = thrown(RunnerError.self) { try fixed.limit().set(Power(watts: 100)) }
    #expect(
      none?.message
        == "this graphics card has no power limit that can be set: [N/A], [N/A], [N/A]")
    let deaf = try StandIn("100.00, 450.00, 450.00\n", obeys: false)
    let unheard = thrown(RunnerError.self) { try deaf.limit().set(Power(watts: 200)) }
    #expect(unheard?.message == "the power limit is 450 W, though 200 W were set")
    let folder = try ScratchFolder()
    let absent = thrown(RunnerError.self) {
      try GPUPowerLimit(usesUnit: true, root: folder.path).reset()
    }
    #expect(absent?.message == "nvidia-smi is not installed")
  }
}
