import Glibc
import Links
import Testing

/// A `heliographd` of its own, run by a test on a directory of the test's and ended with it.
final class DaemonProcess {
  let process: pid_t
  let directory: String
  private var status: Int32?

  /// Starts the daemon on a configuration file; its journal goes to `<directory>/journal`.
  init(configuration: String, directory: String, environment: [String] = []) throws {
    self.directory = directory
    let program = try #require(Self.program)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(
      &actions, STDERR_FILENO, directory + "/journal", O_WRONLY | O_CREAT | O_APPEND, 0o600)
    let words: [String] = [program, "--config", configuration]
    let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    let variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) }
    defer { for word in arguments + variables { free(word) } }
    var child = pid_t()
    try #require(
      posix_spawn(&child, program, &actions, nil, arguments + [nil], variables + [nil]) == 0)
    process = child
  }

  deinit { if status == nil { _ = end(SIGKILL) } }

  /// Sends a signal and waits for the end; the exit status, or nil when the signal killed it.
  func end(_ signal: Int32) -> Int32? {
    kill(process, signal)
    return wait()
  }

  /// Waits for the end; the exit status, or nil when a signal killed it.
  func wait() -> Int32? {
    var status: Int32 = 0
    waitpid(process, &status, 0)
    self.status = status
    return status & 0x7F == 0 ? status >> 8 & 0xFF : nil
  }

  var journal: String {
    let file = open(directory + "/journal", O_RDONLY)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(file, &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
  }

  /// One question to the node's control socket; nil while it does not answer.
  func ask(_ line: String, timeoutSeconds: Int = 10) -> String? {
    try? ControlClient(node: directory + "/node", timeoutSeconds: timeoutSeconds).ask(line)
  }

  /// Asks until the answer satisfies `condition`, for at most half a minute.
  func ask(_ line: String, until condition: (String) -> Bool) -> String {
    let deadline = time(nil) + 30
    var answer = ""
    while time(nil) < deadline {
      answer = ask(line) ?? ""
      if condition(answer) { return answer }
      usleep(20_000)
    }
    Issue.record("\(line) was never answered as expected; last: \(answer)\n\(journal)")
    return answer
  }

  /// The `heliographd` that was built beside this test.
  static var program: String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    guard count > 0 else { return nil }
    let own = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard let slash = own.lastIndex(of: "/") else { return nil }
    let candidate = String(own[..<slash]) + "/heliographd"
    return access(candidate, X_OK) == 0 ? candidate : nil
  }

  /// A TCP port that was free a moment ago.
  static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let found = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    try #require(found)
    return UInt16(bigEndian: address.sin_port)
  }
}
