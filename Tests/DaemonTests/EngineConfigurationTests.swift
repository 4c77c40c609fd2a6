import Daemon
import Runners
import Testing
import Thrown

struct EngineConfigurationTests {
  static func read(_ jobs: String) throws -> Configuration.Jobs? {
    let text =
      "{ name: \"amber\", community: \"lane\",\n jobs: { engine: \"/run/e.sock\",\n "
      + jobs + " } }"
    return try Configuration(text: Array(text.utf8), file: "house.json5").jobs
  }

  @Test("takes a unit, a command, or an engine that runs")
  func takesEither() throws {
    #expect(try Self.read("")?.process == nil)
    let unit = "heliograph-engine@llama.service"
    #expect(try Self.read("unit: \"\(unit)\"")?.process == .unit(unit))
    #expect(try Self.read("unit: \"ollama.service\"")?.process == .unit("ollama.service"))
    let command = ["llama-server", "-m", "/srv/a model.gguf"]
    let words = "command: [\"llama-server\", \"-m\", \"/srv/a model.gguf\"]"
    #expect(try Self.read(words)?.process == .command(command))
    #expect(try Self.read("command: []")?.process == nil)
  }

  @Test(
    "names line and field of what can't be meant",
    arguments: [
      ("unit: \"ollama\"", "jobs.unit: expected a service such as"),
      ("unit: \"-x.service\"", "jobs.unit: expected a service such as"),
      ("unit: \"heliograph-engine@.service\"", "jobs.unit: expected a service such as"),
      ("unit: \"heliograph-engine@a.b.service\"", "jobs.unit: expected a service such as"),
      ("unit: \"heliograph-engine@thirteenchars.service\"", "jobs.unit: expected a service"),
      ("unit: \"a/../b.service\"", "jobs.unit: expected a service such as"),
      ("unit: \"a b.service\"", "jobs.unit: expected a service such as"),
      ("unit: 3", "jobs.unit: expected a service such as"),
      ("unit: \"a.service\", command: [\"true\"]", "jobs.command: expected unit or command"),
      ("command: \"llama-server -m x\"", "jobs.command: expected a list"),
      ("command: [\"./engine\"]", "jobs.command: expected a program's name or absolute path"),
      ("command: [\"\"]", "jobs.command: expected a program's name or absolute path"),
      ("command: [\"true\", 1]", "jobs.command[1]: expected a program or an argument"),
      ("comand: [\"true\"]", "jobs.comand: unknown field: did you mean command?"),
    ])
  func refuses(jobs: String, expected: String) {
    let error = thrown(ConfigurationError.self) { try Self.read(jobs) }
    let words = error?.description ?? "was accepted"
    #expect(words.contains("house.json5:3: " + expected), "\(words)")
  }
}
