import Glibc
import Testing
import Thrown

/// The night of faults is a command of heliosim's, because only a program joins devices and house.
@Suite("A night of faults over real wires")
struct FaultNightTests {
  @Test("ends with every energy total equal to the truth", arguments: [1, 2])
  func night(seed: Int) async throws {
    let output = try await besidePool {
      try Self.run(["faults", "--seed", "\(seed)", "--poll", "60", "--every", "60"])
    }
    #expect(output.status == 0, "\(output.text)")
    for total in ["imported", "exported", "generated", "charged", "discharged"] {
      #expect(output.text.contains("\(total)Total: counted"), "\(output.text)")
    }
  }

  @Test("is refused with a word about it when its options make no sense")
  func options() throws {
    #expect(try Self.run(["faults", "--poll", "0"]).status == 2)
    #expect(try Self.run(["faults", "--seed"]).status == 2)
  }

  struct Failure: Error { let description: String }

  /// heliosim stands beside the tests.
  private static func run(_ arguments: [String]) throws -> (status: Int32, text: String) {
    guard let own = realpath("/proc/self/exe", nil) else { throw Failure(description: "no self") }
    defer { free(own) }
    let built = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
      .joined(separator: "/")
    let folder = String(cString: own).split(separator: "/", omittingEmptySubsequences: false)
      .dropLast().joined(separator: "/")
    // Debug and release builds each have their own; where the test runs decides.
    let candidates = [folder, built + "/.build/release", built + "/.build/debug"]
      .map { $0 + "/heliosim" }
    guard let program = candidates.first(where: { access($0, X_OK) == 0 }) else {
      throw Failure(description: "no heliosim in \(candidates)")
    }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw Failure(description: "no pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
    let options = arguments + ["--profiles", built + "/Sources/Hardware/Profiles"]
    var words = ([program] + options).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process = pid_t()
    let started = posix_spawn(&process, program, &actions, nil, &words, environ)
    close(ends[1])
    defer { close(ends[0]) }
    guard started == 0 else { throw Failure(description: "\(program) doesn't start: \(started)") }
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(ends[0], &buffer, buffer.count)
      guard count > 0 else { break }
      text += buffer[..<count]
    }
    var status: Int32 = 0
    waitpid(process, &status, 0)
    let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : -1
    return (code, String(decoding: text, as: UTF8.self))
  }
}
