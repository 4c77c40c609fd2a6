import Glibc
import Quantities
import Synchronization

/// Reads a time zone's offsets through the C library: FoundationEssentials knows no zone names.
public enum TimeZoneTable {
  /// Where Debian keeps the zones.
  private static let directory = "/usr/share/zoneinfo"
  /// The C library has one time zone for the whole process.
  private static let turn = Mutex(())

  /// The offset changes of `zone` from the day before `from` to two years after it.
  ///
  /// Nil for a name that the system does not know. The process's `TZ` is as before afterwards.
  public static func localTime(zone: String, from: Instant) -> LocalTime? {
    if zone == "UTC" { return .utc }
    let plain = zone.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || Array("+-_/".utf8).contains(byte)
    }
    var information = stat()
    guard !zone.isEmpty, zone.utf8.count <= 64, plain, !zone.hasPrefix("/"),
      stat("\(directory)/\(zone)", &information) == 0,
      information.st_mode & S_IFMT == S_IFREG
    else { return nil }
    return turn.withLock { _ in
      let earlier = getenv("TZ").map { String(cString: $0) }
      setenv("TZ", ":\(directory)/\(zone)", 1)
      tzset()
      defer {
        if let earlier { setenv("TZ", earlier, 1) } else { unsetenv("TZ") }
        tzset()
      }
      return changes(from: from)
    }
  }

  private static func changes(from: Instant) -> LocalTime {
    let day: Int64 = 86_400
    let start = from.millisecondsSince1970 / 1000 - day
    let end = start + 732 * day
    var second = start
    var offset = self.offset(at: second)
    var changes = [change(at: second, offset)]
    while second < end {
      let next = second + day
      let nextOffset = self.offset(at: next)
      if nextOffset != offset {
        var before = second
        var after = next
        while after - before > 1 {
          let middle = before + (after - before) / 2
          if self.offset(at: middle) == offset { before = middle } else { after = middle }
        }
        changes.append(change(at: after, self.offset(at: after)))
        offset = nextOffset
      }
      second = next
    }
    return LocalTime(changes: changes)
  }

  private static func change(at second: Int64, _ offset: Int64) -> LocalTime.Change {
    LocalTime.Change(
      from: Instant(millisecondsSince1970: second * 1000), offset: TimeSpan(seconds: offset))
  }

  /// Seconds east of UTC.
  private static func offset(at second: Int64) -> Int64 {
    var time = time_t(second)
    var parts = tm()
    localtime_r(&time, &parts)
    return Int64(parts.tm_gmtoff)
  }
}
