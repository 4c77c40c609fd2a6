import Daemon
import Quantities
import Runners
import Testing
import Thrown

@Suite("Commands in the configuration")
struct CommandConfigurationTests {
  private func read(_ jobs: String) throws -> Configuration.Jobs? {
    let text = "{ name: \"amber\", community: \"lane\",\n jobs: { \(jobs) } }"
    return try Configuration(text: Array(text.utf8), file: "house.json5").jobs
  }

  @Test("takes units and programs, also without an engine")
  func takes() throws {
    let jobs = try read(
      """
      watts: 45, commands: [{ name: "photos", watts: 80, minutes: 120 },
        { name: "backup-2", program: ["/usr/bin/rsync", "-a", "/srv", "/mnt"] }]
      """)
    #expect(jobs?.engine == nil)
    #expect(
      jobs?.commands == [
        OwnerCommand(
          name: "photos", power: Power(watts: 80), span: TimeSpan(minutes: 120),
          kind: .unit("heliograph-job@photos.service")),
        OwnerCommand(
          name: "backup-2", power: Power(watts: 45), span: TimeSpan(minutes: 60),
          kind: .command(["/usr/bin/rsync", "-a", "/srv", "/mnt"])),
      ])
    #expect(try read("engine: \"/run/e.sock\"")?.commands == [])
  }

  @Test(
    "names line and field of what can't be meant",
    arguments: [
      ("commands: []", "jobs.engine: missing"),
      ("commands: [{}]", "jobs.commands[0].name: missing"),
      ("commands: [{ name: \"a b\" }]", "jobs.commands[0].name: expected 1 to 12 letters"),
      ("commands: [{ name: \"thirteenchars\" }]", "jobs.commands[0].name: expected 1 to 12"),
      ("commands: [{ name: \"../up\" }]", "jobs.commands[0].name: expected 1 to 12 letters"),
      (
        "commands: [{ name: \"a\" }, { name: \"a\" }]",
        "jobs.commands[1].name: expected another name"
      ),
      ("commands: [{ name: \"a\", watts: 0 }]", "jobs.commands[0].watts: expected"),
      ("commands: [{ name: \"a\", minutes: 0 }]", "jobs.commands[0].minutes: expected"),
      (
        "commands: [{ name: \"a\", program: [\"./run\"] }]",
        "jobs.commands[0].program: expected a program's name or absolute path"
      ),
      ("commands: [{ name: \"a\", command: [\"x\"] }]", "jobs.commands[0].command: unknown"),
    ])
  func refuses(jobs: String, says: String) {
    let error = thrown(ConfigurationError.self) { try read(jobs) }
    let words = error?.description ?? "was accepted"
    #expect(words.contains("house.json5:2: " + says), "\(words)")
  }
}
