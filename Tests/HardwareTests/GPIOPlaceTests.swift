import Hardware
import Sites
import Testing
import Thrown

@Suite struct GPIOPlaceTests {
  static let chips = [
    GPIOChip(
      path: "/dev/gpiochip0", name: "gpiochip0", label: "pinctrl-rp1",
      lines: [.init(name: "ID_SDA"), .init(name: "GPIO17"), .init(name: "TWIN")]),
    GPIOChip(
      path: "/dev/gpiochip1", name: "gpiochip1", label: "expander",
      lines: [.init(name: ""), .init(name: "TWIN")]),
  ]

  @Test("finds a line by its name, and by chip and number under each of the chip's names")
  func found() throws {
    let place = try GPIOPlace.name("GPIO17").find(in: Self.chips)
    #expect(place.path == "/dev/gpiochip0")
    #expect(place.offset == 1)
    for chip in ["expander", "gpiochip1", "/dev/gpiochip1"] {
      let place = try GPIOPlace.offset(chip: chip, line: 0).find(in: Self.chips)
      #expect(place.path == "/dev/gpiochip1")
      #expect(place.offset == 0)
    }
  }

  @Test(
    "says what is wrong and what there is",
    arguments: [
      (GPIOPlace.name("GPIO18"), "the chips are gpiochip0 (pinctrl-rp1, 3 lines), gpiochip1"),
      (.name("TWIN"), "gpiochip0 line 2 and gpiochip1 line 1: name the chip"),
      (.offset(chip: "rp1", line: 0), "no chip is \"rp1\""),
      (.offset(chip: "expander", line: 2), "gpiochip1 has lines 0 to 1, and no 2"),
    ])
  func refused(_ place: GPIOPlace, _ words: String) {
    let error = thrown(GPIOError.self) { _ = try place.find(in: Self.chips) }
    #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    let none = thrown(GPIOError.self) { _ = try place.find(in: []) }
    #expect(none?.description.contains("no GPIO chip") == true)
  }

  @Test("speaks to a libgpiod of one of the two majors, and asks for no line where none is used")
  func library() throws {
    #expect(["1", "2"].contains(GPIOChip.libraryVersion.prefix(1)))
    try GPIOLines.check(GPIOPlan())
  }
}
