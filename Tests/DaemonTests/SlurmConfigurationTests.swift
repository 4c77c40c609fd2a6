import Quantities
import Runners
import Testing
import Thrown

@testable import Daemon

struct SlurmConfigurationTests {
  static func read(_ jobs: String) throws -> Configuration.Jobs {
    let text = "{ name: \"amani\", community: \"lane\",\n  jobs: \(jobs) }"
    let configuration = try Configuration(text: Array(text.utf8), file: "house.json5")
    return try #require(configuration.jobs)
  }

  @Test("reads how jobs are put to a cluster")
  func whole() throws {
    let jobs = try Self.read(
      """
      { watts: 250, slots: 4, directory: "/srv/lane/jobs", slurm: {
        partition: "sun", account: "lane", licence: "surplus100w", wattsPerLicence: 50,
        mode: "suspend", options: ["--gres=gpu:1"], command: ["/opt/feed", "-v"],
        engine: "/run/llama.sock", configuration: "/etc/slurm-lane/slurm.conf",
        programs: "/opt/slurm/bin", pollSeconds: 10 } }
      """)
    #expect(jobs.engine == nil)
    #expect(jobs.sensor == nil)
    let expected = SlurmSettings(
      node: "amani", partition: "sun", account: "lane", licence: "surplus100w",
      wattsPerLicence: 50, mode: .suspend, options: ["--gres=gpu:1"],
      command: ["/opt/feed", "-v"], engine: "/run/llama.sock", power: Power(watts: 250), slots: 4,
      configurationFile: "/etc/slurm-lane/slurm.conf", programDirectory: "/opt/slurm/bin",
      pollMilliseconds: 10_000)
    #expect(jobs.slurmSettings(node: "amani") == expected)
  }

  @Test("needs no more than an engine, or a command that brings its own")
  func least() throws {
    let engine = try Self.read("{ slurm: { engine: \"http://127.0.0.1:8080\" } }")
    let settings = engine.slurmSettings(node: "amani")
    #expect(settings?.command == ["heliograph", "feed"])
    #expect(settings?.mode == .requeue)
    #expect(settings?.licence == nil)
    let command = try Self.read("{ slurm: { command: [\"/opt/feed\"] } }")
    #expect(command.slurmSettings(node: "amani")?.engine == nil)
    let plain = try Self.read("{ engine: \"/run/llama.sock\" }")
    #expect(plain.slurmSettings(node: "amani") == nil)
  }

  @Test(
    "names file, line and field of what is wrong with it",
    arguments: [
      (
        "{ engine: \"/e\",\n slurm: { engine: \"/e\" } }",
        "house.json5:3: jobs.slurm: expected engine"
      ),
      ("{ watts: 5 }", "house.json5:2: jobs.engine: missing: expected http://"),
      ("{ slurm: {} }", "house.json5:2: jobs.slurm.engine: missing: expected http://"),
      ("{ slurm: { engine: \"gpu\" } }", "jobs.slurm.engine: expected http://"),
      (
        "{ slurm: { engine: \"/e\",\n\n mode: \"stop\" } }",
        "house.json5:4: jobs.slurm.mode: expected"
      ),
      ("{ slurm: { engine: \"/e\", wattsPerLicence: 5 } }", "jobs.slurm.licence: missing"),
      (
        "{ slurm: { engine: \"/e\", partition: \"a b\" } }",
        "jobs.slurm.partition: expected 1 to 64"
      ),
      ("{ slurm: { engine: \"/e\", licence: \"\" } }", "jobs.slurm.licence: expected 1 to 64"),
      ("{ slurm: { engine: \"/e\", options: [\"-p\"] } }", "jobs.slurm.options: expected options"),
      ("{ slurm: { engine: \"/e\", pollSeconds: 0 } }", "jobs.slurm.pollSeconds: expected whole"),
      ("{ slurm: { engine: \"/e\", partitoin: \"a\" } }", "did you mean partition?"),
      ("{ slurm: { engine: \"/e\", programs: \"bin\" } }", "jobs.slurm.programs: expected an abs"),
    ])
  func wrong(jobs: String, message: String) {
    let error = thrown(ConfigurationError.self) { try Self.read(jobs) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "no error")")
  }
}
