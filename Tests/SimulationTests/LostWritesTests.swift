import FoundationEssentials
import Testing
import Thrown

/// `make crash` in short: a node is killed on a disk that loses what was not synchronised.
@Suite("A node that is killed on a disk that loses what nobody waited for", .serialized)
final class LostWritesTests {
  private let directory: String

  init() throws {
    directory = FileManager.default.temporaryDirectory.path + "/heliograph-crash-\(UUID())"
    let built = try CommandText.run(
      Heliosim.root + "/Tests/Crash/build", [directory + "/disk"])
    try #require(built.status == 0, "\(built.text)")
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  private func crash(_ options: [String]) async throws -> (status: Int32, text: String) {
    let arguments = [
      "crash", "--disk", directory + "/disk", "--directory", directory + "/run", "--turns", "2",
    ]
    return try await besidePool { try Heliosim.run(arguments + options) }
  }

  @Test("keeps what it had promised, doubles nothing, and signs on from there")
  func holds() async throws {
    let output = try await crash(["--moments", "40"])
    #expect(output.status == 0, "\(output.text)")
    #expect(output.text.contains("none lost, none doubled"), "\(output.text)")
    // A disk that never lost anything would show nothing.
    let words = output.text.split { $0 == " " || $0 == "\n" }
    let losses = words.firstIndex(of: "after").flatMap { Int(words[$0 + 1]) } ?? 0
    #expect(losses >= 100, "\(output.text)")
  }

  @Test("is found out where it promises before it commits, or where nothing is synchronised")
  func isFound() async throws {
    let early = try await crash(["--moments", "40", "--early"])
    #expect(early.status == 1)
    #expect(early.text.contains("promised records are lost"), "\(early.text)")
    let careless = try await crash(["--moments", "40", "--no-sync"])
    #expect(careless.status == 1)
    #expect(careless.text.contains(": killed "), "\(careless.text)")
  }
}
