import Daemon
import Glibc
import Quantities
import Sealing
import Testing
import Thrown

@Suite struct NodeFilesTests {
  @Test("makes a key once, for its owner only, and finds it again")
  func keyFile() throws {
    let directory = TemporaryDirectory()
    let path = directory.file("deep/below/key")
    let made = try KeyFile.open(path)
    var information = stat()
    #expect(stat(path, &information) == 0)
    #expect(information.st_mode & 0o777 == 0o600)
    #expect(try KeyFile.open(path).publicKey == made.publicKey)
  }

  @Test("refuses a key that others may read, and one that is damaged, without replacing it")
  func badKeys() throws {
    let directory = TemporaryDirectory()
    let seed = String(repeating: "07", count: 32)
    let open = directory.write("open", seed, mode: 0o644)
    chmod(open, 0o644)
    let exposed = thrown(ConfigurationError.self) { try KeyFile.open(open) }
    #expect(exposed?.description.contains("chmod 600") == true)
    #expect(exposed?.description.contains(seed) == false)
    let damaged = directory.write("damaged", "07070")
    #expect(throws: ConfigurationError.self) { try KeyFile.open(damaged) }
    #expect(throws: ConfigurationError.self) { try KeyFile.open(damaged) }
  }

  @Test("lets one daemon have a data directory at a time")
  func lock() throws {
    let directory = TemporaryDirectory()
    do {
      let lock = try LockFile(directory: directory.path)
      do {
        _ = try LockFile(directory: directory.path)
        Issue.record("a second lock was given")
      } catch {
        #expect(error.description.contains("process \(getpid())"))
      }
      _ = consume lock
    }
    _ = try LockFile(directory: directory.path)
  }

  @Test("refuses a head marker that is none")
  func headMarker() throws {
    let directory = TemporaryDirectory()
    #expect(try HeadMarker(directory: directory.path).read() == nil)
    _ = directory.write("head", "12 abc\n")
    #expect(throws: ConfigurationError.self) {
      try HeadMarker(directory: directory.path).read()
    }
  }

  @Test("an accelerated clock runs its speed and shows the wait in real time")
  func acceleratedClock() {
    let start = Instant(millisecondsSince1970: 5_000_000)
    let clock = NodeClock(speed: 600) { start }
    #expect(clock.realTime(until: start + TimeSpan(minutes: 15)) == TimeSpan(milliseconds: 1500))
    #expect(clock.realTime(until: start + TimeSpan(milliseconds: 1)) == TimeSpan(milliseconds: 1))
    #expect(clock.realTime(until: start - TimeSpan(seconds: 1)) == .zero)
  }

  @Test("reads a zone's offsets and the second they change from the system")
  func timeZone() throws {
    guard access("/usr/share/zoneinfo/Europe/Berlin", R_OK) == 0 else {
      print("SKIPPED: time zones: the system has no tzdata")
      return
    }
    func instant(_ text: String) throws -> Instant { try #require(TimestampText.instant(text)) }
    let zone = try #require(
      TimeZoneTable.localTime(zone: "Europe/Berlin", from: try instant("2026-06-21T04:30:00Z")))
    #expect(zone.offset(at: try instant("2026-06-21T04:30:00Z")) == TimeSpan(minutes: 120))
    #expect(zone.offset(at: try instant("2026-10-25T00:59:59Z")) == TimeSpan(minutes: 120))
    #expect(zone.offset(at: try instant("2026-10-25T01:00:00Z")) == TimeSpan(minutes: 60))
    #expect(zone.offset(at: try instant("2027-03-28T01:00:00Z")) == TimeSpan(minutes: 120))
    let now = try instant("2026-06-21T04:30:00Z")
    #expect(TimeZoneTable.localTime(zone: "Europe/Nowhere", from: now) == nil)
    #expect(TimeZoneTable.localTime(zone: "../../etc/passwd", from: now) == nil)
    #expect(TimeZoneTable.localTime(zone: "UTC", from: now) == .utc)
  }

  @Test("tells systemd that it is ready, alive and stopping")
  func watchdog() throws {
    let directory = TemporaryDirectory()
    let path = directory.file("notify")
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
    let watchdog = Watchdog(
      socketPath: path, watchdogMicroseconds: 30_000_000, watchdogProcess: Int64(getpid()))
    #expect(watchdog.interval == TimeSpan(seconds: 15))
    watchdog.ready()
    watchdog.beat()
    watchdog.status("battery 80 %\nREADY=1")
    watchdog.stopping()
    var messages: [String] = []
    var buffer = [UInt8](repeating: 0, count: 256)
    for _ in 0..<4 {
      let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      messages.append(String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self))
    }
    #expect(messages == ["READY=1", "WATCHDOG=1", "STATUS=battery 80 %READY=1", "STOPPING=1"])
    let other = Watchdog(socketPath: path, watchdogMicroseconds: 30_000_000, watchdogProcess: 1)
    #expect(other.interval == nil)
    Watchdog(socketPath: nil, watchdogMicroseconds: nil, watchdogProcess: nil).beat()
  }
}
