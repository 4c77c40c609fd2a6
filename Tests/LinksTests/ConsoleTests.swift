import Dispatch
import Glibc
import Links
import Synchronization
import Testing
import Thrown

@Suite("Console")
struct ConsoleTests {
  @Test("answers on a serial line in the same words as the socket", arguments: [115_200, 9600])
  func overPseudoTerminals(baud: Int) async throws {
    let folder = try TestFolder()
    defer { folder.remove() }
    let socket = try patientSocket(folder) { "15:10 heard \($0)" }
    defer { socket.stop() }
    let client = patientClient(folder.path)
    guard let line = try await SerialPair(folder, baud: baud) else {
      print("SKIPPED: socat is not installed, so there is no pair of terminals")
      return
    }
    defer { line.stop() }
    let isOver = Flag()
    let path = line.near
    // The console blocks its thread as a program of its own would.
    DispatchQueue.global().async {
      try? Console { (try? client.ask($0)) ?? "Error: no answer" }.run(terminal: path, baud: baud)
      isOver.set()
    }
    #expect(await line.waits(for: "heliograph> "))
    // A slip of the finger, corrected, and an arrow key that means nothing here.
    line.type("STTX\u{8}\u{7F}ATUS\u{1B}[A\r")
    #expect(await line.waits(for: "15:10 heard STATUS\r\n"))
    #expect(await line.waits(for: "heliograph> "))
    line.type("nonsense\u{15}WHY\r\n")
    #expect(await line.waits(for: "15:10 heard WHY\r\n"))
    #expect(await line.waits(for: "heliograph> "))
    line.type("\u{4}")
    #expect(await eventually { isOver.isSet })
  }

  @Test("stops at a full screen until a key is pressed")
  func pages() async throws {
    let folder = try TestFolder()
    defer { folder.remove() }
    guard let line = try await SerialPair(folder, baud: 115_200) else {
      print("SKIPPED: socat is not installed, so there is no pair of terminals")
      return
    }
    defer { line.stop() }
    let answer = (1...60).map { "row \($0)." }.joined(separator: "\n")
    let path = line.near
    let isOver = Flag()
    DispatchQueue.global().async {
      try? Console { _ in answer }.run(terminal: path, baud: 115_200)
      isOver.set()
    }
    #expect(await line.waits(for: "heliograph> "))
    line.type("HELP\r")
    #expect(await line.waits(for: "-- more"))
    #expect(line.seen.contains("row 23.\r\n"))
    #expect(!line.seen.contains("row 24."))
    line.type(" ")
    #expect(await line.waits(for: "row 46.\r\n"))
    #expect(await line.waits(for: "-- more"))
    line.type("q")
    #expect(await line.waits(for: "heliograph> "))
    #expect(!line.seen.contains("row 47."))
    line.type("exit\r")
    #expect(await eventually { isOver.isSet })
  }

  @Test("names a speed or a terminal that can't be")
  func refuses() {
    let console = Console { $0 }
    let speed = thrown(LinkError.self) {
      try console.run(terminal: "/dev/null", baud: 300)
    }
    #expect(speed?.text.contains("9600, 19200, 38400, 57600, 115200") == true)
    let file = thrown(LinkError.self) {
      try console.run(terminal: "/dev/null", baud: 9600)
    }
    #expect(file?.text.contains("/dev/null is no terminal") == true)
    let missing = thrown(LinkError.self) {
      try console.run(terminal: "/dev/ttyNOWHERE", baud: 9600)
    }
    #expect(missing?.text.contains("can't open the terminal /dev/ttyNOWHERE") == true)
  }
}

/// Set once, from any thread.
final class Flag: Sendable {
  private let value = Mutex(false)
  var isSet: Bool { value.withLock { $0 } }
  func set() { value.withLock { $0 = true } }
}

/// Two terminals that socat ties together: the console has the near one, a person the far one.
final class SerialPair {
  let near: String
  private let socat: ChildProcess
  private let descriptor: Int32
  /// What came since the last thing that was waited for.
  private(set) var seen = ""
  private var unmatched = ""

  /// Nil when socat isn't installed.
  init?(_ folder: TestFolder, baud: Int) async throws {
    let (near, far) = (folder.path + "/near", folder.path + "/far")
    guard
      let socat = ChildProcess(
        "socat", ["pty,raw,echo=0,b\(baud),link=\(near)", "pty,raw,echo=0,b\(baud),link=\(far)"])
    else { return nil }
    self.near = near
    self.socat = socat
    let isThere = await eventually { access(near, F_OK) == 0 && access(far, F_OK) == 0 }
    descriptor = open(far, O_RDWR | O_NOCTTY | O_NONBLOCK)
    guard isThere, descriptor >= 0 else { throw LinkError(.system, "socat made no terminals") }
  }

  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(descriptor, bytes, bytes.count)
  }

  /// Reads until `text` has come; false when it does not within a minute and a half.
  func waits(for text: String) async -> Bool {
    for _ in 0..<9000 {
      if let range = unmatched.firstRange(of: text) {
        seen = String(unmatched[..<range.upperBound])
        unmatched = String(unmatched[range.upperBound...])
        return true
      }
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = read(descriptor, &buffer, buffer.count)
      if count > 0 { unmatched += String(decoding: buffer[..<count], as: UTF8.self) }
      if count < 0 { try? await Task.sleep(for: .milliseconds(10)) }
    }
    return false
  }

  func stop() {
    close(descriptor)
    socat.stop()
  }
}
