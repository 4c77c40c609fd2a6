import Glibc
import Testing

/// `heliograph profile`, run as the program that it is.
struct ProfileToolTests {
  let directory = TemporaryDirectory()

  /// Both outputs together and the exit status.
  private func run(_ arguments: [String]) throws -> (text: String, status: Int32) {
    let daemon = try #require(DaemonProcess.program)
    let program = String(daemon.dropLast("heliographd".count)) + "heliograph"
    let quoted = ([program, "profile"] + arguments).map { "'\($0)'" }.joined(separator: " ")
    let pipe = try #require(popen("LC_ALL=C " + quoted + " 2>&1", "r"))
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = fread(&buffer, 1, buffer.count, pipe)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    let status = pclose(pipe)
    return (String(decoding: bytes, as: UTF8.self), status >> 8 & 0xFF)
  }

  static let good = """
    {
      name: "my-inverter", maker: "Me", devices: "mine", functionCode: 4, slowPollSeconds: 120,
      registers: [
        { quantity: "pvPower", address: 1, type: "u16" },
        { quantity: "ratedPower", address: 90, type: "u16", slow: true },
      ],
      controls: [
        {
          control: "reserve", failSafe: "guardian", memory: "flash", dailyWrites: 4,
          minimum: 10, maximum: 90,
          write: [{ address: 3, value: "requested" }], release: [{ address: 3, value: 10 }],
        },
      ],
    }
    """

  @Test("says what a description of a device amounts to")
  func check() throws {
    let file = directory.write("my-inverter.json5", Self.good)
    let (text, status) = try run(["check", file])
    #expect(
      text
        == "\(file): my-inverter, 1 register in 1 request, 1 more every 120 s in 1 request, "
        + "can steer: reserve\n")
    #expect(status == 0)
  }

  @Test("says file, line and field of what is wrong, and looks at the other files all the same")
  func wrong() throws {
    let good = directory.write("my-inverter.json5", Self.good)
    let bad = directory.write("bad.json5", "{\n  name: 'bad',\n  makr: 'x',\n}\n")
    let (text, status) = try run(["check", bad, good, directory.file("none.json5")])
    let lines = text.split(separator: "\n").sorted()
    #expect(lines.contains("\(bad): line 3: makr: unknown field: did you mean maker?"))
    #expect(lines.contains { $0.hasPrefix("\(good): my-inverter, 1 register") })
    #expect(lines.contains { $0.hasPrefix(directory.file("none.json5") + ": can't be read") })
    #expect(status == 1)
  }

  @Test("wants the file to be called as its profile, by which name it is looked for")
  func misnamed() throws {
    let file = directory.write("other.json5", Self.good)
    let (text, status) = try run(["check", file])
    #expect(text.contains("name: expected the file to be called my-inverter.json5"))
    #expect(status == 1)
  }

  @Test("lists the profiles that there are")
  func list() throws {
    _ = directory.write("my-inverter.json5", Self.good)
    let (text, status) = try run(["list", "--profiles", directory.path])
    #expect(text == "my-inverter  Me, mine; can steer: reserve\n")
    #expect(status == 0)
    #expect(try run(["list", "--profiles", "/nonexistent"]).status == 1)
  }

  @Test("is not understood without a file, or with another word")
  func usage() throws {
    #expect(try run(["check"]).status == 2)
    #expect(try run(["burn", "x"]).status == 2)
    #expect(try run(["check", "--fast", "x"]).status == 2)
  }
}
