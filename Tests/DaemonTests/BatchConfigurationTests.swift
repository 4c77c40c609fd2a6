import Daemon
import Glibc
import Testing
import Thrown

/// How a household says whether and how programs may hand in batches.
struct BatchConfigurationTests {
  private func read(_ jobs: String) throws -> Configuration.Jobs? {
    let text =
      "{ name: \"amber\", community: \"lane\", dataDirectory: \"/data\",\n"
      + "  jobs: { engine: \"/run/llama.sock\", \(jobs) } }"
    return try Configuration(text: Array(text.utf8), file: "house.json5").jobs
  }

  @Test("opens the socket unless told otherwise, and TCP only where a port is named")
  func doors() throws {
    let plain = try read("")
    #expect(plain?.api == Configuration.BatchAccess(socketPath: "/data/api.sock"))
    #expect(plain?.watchedFolder == nil)
    let all = try read("api: { port: 8089, keyFile: \"/etc/key\" }, watch: true")
    #expect(all?.api.port == 8089)
    #expect(all?.api.keyFile == "/etc/key")
    #expect(all?.api.socketPath == "/data/api.sock")
    #expect(all?.watchedFolder == "/data/inbox")
    #expect(try read("api: { socket: false }")?.api == Configuration.BatchAccess())
    #expect(try read("watch: \"/srv/drop/\"")?.watchedFolder == "/srv/drop")
    #expect(try read("watch: false")?.watchedFolder == nil)
  }

  static let wrong: [(jobs: String, says: String)] = [
    ("api: { port: 0 }", "jobs.api.port: expected a whole number from 1 to 65535"),
    ("api: { keyFile: \"/etc/key\" }", "jobs.api.port: missing"),
    ("api: { keyFile: \"key\", port: 1 }", "jobs.api.keyFile: expected an absolute path"),
    ("api: { host: \"0.0.0.0\" }", "jobs.api.host: unknown field"),
    ("api: { socket: \"/x\" }", "jobs.api.socket: expected true or false"),
    ("watch: \"inbox\"", "jobs.watch: expected an absolute path"),
    ("watch: 3", "jobs.watch: expected an absolute path"),
  ]

  @Test("says which field is wrong", arguments: wrong)
  func refuses(jobs: String, says: String) {
    let error = thrown(ConfigurationError.self) { try read(jobs) }
    #expect(error?.description.contains(says) == true, "\(String(describing: error))")
  }

  static let keys: [(text: String, mode: mode_t, says: String)] = [
    ("too short\n", 0o600, "expected a line of 16 to 512"),
    ("a key with spaces in it\n", 0o600, "expected a line of 16 to 512"),
    ("0123456789abcdef0123456789abcdef\n", 0o644, "others may use it"),
  ]

  @Test("starts with no key that is weak or open to others, and never shows it", arguments: keys)
  func key(text: String, mode: mode_t, says: String) throws {
    let directory = TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    let key = directory.write("api.key", text, mode: mode)
    chmod(key, mode)
    let file = directory.write(
      "node.json5",
      """
      { name: "amber", community: "lane", dataDirectory: "\(directory.file("node"))",
        jobs: { engine: "/run/none.sock", api: { port: 8089, keyFile: "\(key)" } } }
      """)
    let daemon = try DaemonProcess(configuration: file, directory: directory.path)
    #expect(daemon.wait() == 1)
    let journal = daemon.journal
    #expect(journal.contains("jobs.api.keyFile \(key): \(says)"), "\(journal)")
    #expect(!journal.contains(text.dropLast()))
  }
}
