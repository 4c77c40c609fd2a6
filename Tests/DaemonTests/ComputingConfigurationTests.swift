import Daemon
import Glibc
import Ledger
import Quantities
import Sealing
import Testing

/// The section `market.computing`, and whether a model's file is the one it names.
struct ComputingConfigurationTests {
  static let digest = String(repeating: "5a", count: 32)
  /// SHA-256 of "abc" (FIPS 180-4, appendix B.1 of 180-2).
  static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

  func read(_ market: String, more: String = "") throws -> Configuration {
    try Configuration(
      text: Array("{ name: \"amber\", community: \"lane\", market: { \(market) } \(more) }".utf8),
      file: "node.json5")
  }

  @Test("reads models and limits; what is not said has its default")
  func reads() throws {
    let configuration = try read(
      """
      claimsAtMost: 12.5, computing: { models: [
        { name: "gemma", sha256: "\(Self.digest)", price: 3.25, file: "/srv/gemma.gguf" },
        { name: "other", sha256: "\(String(repeating: "5b", count: 32))" }], mostTokens: 5000 }
      """)
    #expect(configuration.market.claimsAtMost == Credits(millicredits: 12_500))
    let computing = try #require(configuration.market.computing)
    #expect(computing.models.map(\.name) == ["gemma", "other"])
    #expect(computing.models[0].price == TokenPrice(millicreditsPerMillionTokens: 3250))
    #expect(computing.models[1].price == nil)
    #expect(computing.mostTokens == 5000)
    #expect(computing.mostRequests == 1000)
    #expect(try read("enabled: false").market.computing == nil)
  }

  private static let first = "{ name: \"a\", sha256: \"\(digest)\" }"
  private static let second = "{ name: \"b\", sha256: \"\(digest)\" }"
  private static let notAbsolute = "{ name: \"a\", sha256: \"\(digest)\", file: \"a.gguf\" }"

  /// A section that is wrong, and what the error says of it. Apart, as Swift 6.0.3 breaks on such a
  /// table within the test's attribute.
  static let faults: [(market: String, part: String)] = [
    ("computing: { models: [{ sha256: \"\" }] }", "market.computing.models[0].name"),
    ("computing: { models: [{ name: \"a\", sha256: \"12\" }] }", "64 hexadecimal digits"),
    ("computing: { models: [{ name: \"a\", shaw256: \"12\" }] }", "did you mean sha256?"),
    ("computing: { mostJobs: 0 }", "market.computing.mostJobs"),
    ("computing: { mostToken: 5 }", "did you mean mostTokens?"),
    ("claimsAtMost: -1", "market.claimsAtMost"),
    ("computing: { models: [\(notAbsolute)] }", "an absolute path"),
    ("computing: { models: [\(first), \(second)] }", "earlier model's"),
  ]

  @Test("says what is wrong, and where", arguments: faults)
  func refuses(market: String, part: String) {
    #expect {
      try read(market)
    } throws: {
      "\($0)".contains(part)
    }
  }

  @Test("a model is offered with a price and an engine, and only if its file is the one named")
  func offers() throws {
    let directory = TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    let right = directory.write("right.gguf", "abc")
    let wrong = directory.write("wrong.gguf", "abd")
    func policy(_ file: String, price: String = ", price: 3", engine: Bool = true) throws -> (
      names: [String], said: String
    ) {
      let configuration = try read(
        "computing: { models: [{ name: \"m\", sha256: \"\(Self.abc)\", "
          + "file: \"\(file)\"\(price) }] }",
        more: ", dataDirectory: \"\(directory.path)\""
          + (engine ? ", jobs: { engine: \"http://127.0.0.1:9\" }" : ""))
      var said = ""
      let names = configuration.computingPolicy { said += $0 }.models.map(\.name)
      return (names, said)
    }
    #expect(try policy(right).names == ["m"])
    #expect(try policy(right, price: "").names.isEmpty)
    #expect(try policy(right, engine: false).names.isEmpty)
    let refused = try policy(wrong)
    #expect(refused.names.isEmpty)
    #expect(refused.said.contains("m is not offered: \(wrong) has the digest"))
    #expect(try policy(directory.file("none.gguf")).said.contains("not offered"))
  }

  @Test("a file's digest is remembered until the file changes")
  func remembers() throws {
    let directory = TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    let cache = directory.file("models.digests")
    let model = ModelFile(path: directory.write("m.gguf", "abc"))
    #expect(try model.digest(cache: cache).hexadecimal == Self.abc)
    let remembered = String(decoding: FileText.read(cache) ?? [], as: UTF8.self)
    #expect(remembered.contains(Self.abc))
    // What is remembered is believed as long as the file is the same.
    let other = Self.digest
    _ = directory.write("models.digests", remembered.replacing(Self.abc, with: other))
    #expect(try model.digest(cache: cache).hexadecimal == other)
    _ = directory.write("m.gguf", "abcd")
    #expect(try model.digest(cache: cache).hexadecimal != other)
    _ = directory.write("models.digests", "damaged")
    _ = directory.write("m.gguf", "abc")
    #expect(try model.digest(cache: cache).hexadecimal == Self.abc)
  }
}
