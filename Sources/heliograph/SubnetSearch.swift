import Glibc

/// Finds the hosts of a local network that have a port open.
enum SubnetSearch {
  /// Connections that are tried at once.
  private static let width = 64
  /// How long each may take.
  private static let patienceMilliseconds: Int32 = 400

  /// Why a subnet isn't searched.
  struct Refusal: Error { let text: String }

  /// A range of IPv4 addresses, host order.
  struct Range: Equatable {
    let first: UInt32
    let count: Int
  }

  /// "192.168.1.0/24"; only private networks of at most `ScanRequest.maximumSubnet` addresses.
  static func range(_ text: String) throws(Refusal) -> Range {
    let parts = text.split(separator: "/")
    var address = in_addr()
    guard parts.count == 2, let bits = Int(parts[1]), (0...32).contains(bits),
      inet_pton(AF_INET, String(parts[0]), &address) == 1
    else {
      throw Refusal(text: "--subnet: expected a network such as 192.168.1.0/24, found \(text)")
    }
    return try range(of: UInt32(bigEndian: address.s_addr), bits: bits)
  }

  static func range(of address: UInt32, bits: Int) throws(Refusal) -> Range {
    let count = 1 << (32 - bits)
    guard count <= ScanRequest.maximumSubnet else {
      throw Refusal(text: "--subnet: /\(bits) is too large; at most /22, 1,024 addresses")
    }
    let first = address & ~UInt32(count - 1)
    guard isPrivate(first) else {
      throw Refusal(
        text: "--subnet: \(text(of: first)) is no private network; only the house's own")
    }
    return Range(first: first, count: count)
  }

  /// The network of this machine's first private address; nil where it has none.
  static func ownRange() throws(Refusal) -> Range {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else {
      throw Refusal(text: "the network interfaces can't be read")
    }
    defer { freeifaddrs(list) }
    var next = list
    while let entry = next?.pointee {
      next = entry.ifa_next
      guard let address = ipv4(entry.ifa_addr), let mask = ipv4(entry.ifa_netmask),
        isPrivate(address), address >> 24 != 127
      else { continue }
      // A large network is searched around this machine only.
      return try range(of: address, bits: max(22, mask.nonzeroBitCount))
    }
    throw Refusal(text: "--subnet: this machine has no private IPv4 address; name hosts instead")
  }

  private static func ipv4(_ pointer: UnsafeMutablePointer<sockaddr>?) -> UInt32? {
    guard let pointer, pointer.pointee.sa_family == sa_family_t(AF_INET) else { return nil }
    return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
      UInt32(bigEndian: $0.pointee.sin_addr.s_addr)
    }
  }

  /// RFC 1918, link-local and loopback.
  static func isPrivate(_ address: UInt32) -> Bool {
    address >> 24 == 10 || address >> 20 == 0xAC1 || address >> 16 == 0xC0A8
      || address >> 16 == 0xA9FE || address >> 24 == 127
  }

  static func text(of address: UInt32) -> String {
    [24, 16, 8, 0].map { "\(address >> UInt32($0) & 0xFF)" }.joined(separator: ".")
  }

  /// The addresses of `range` that take a connection on `port`, in order.
  static func open(_ range: Range, port: UInt16, progress: (Int) -> Void) -> [String] {
    var found: [UInt32] = []
    var position = 0
    while position < range.count {
      let group = (position..<min(position + width, range.count)).map {
        range.first + UInt32($0)
      }
      found += reachable(group, port: port)
      position += group.count
      progress(position)
    }
    return found.map(text(of:))
  }

  private static func reachable(_ group: [UInt32], port: UInt16) -> [UInt32] {
    var pending: [(address: UInt32, socket: Int32)] = []
    var found: [UInt32] = []
    for address in group {
      let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      guard socket >= 0 else { continue }
      _ = fcntl(socket, F_SETFL, O_NONBLOCK)
      var place = sockaddr_in()
      place.sin_family = sa_family_t(AF_INET)
      place.sin_port = port.bigEndian
      place.sin_addr.s_addr = address.bigEndian
      let result = withUnsafePointer(to: &place) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      if result == 0 {
        found.append(address)
        close(socket)
      } else if errno == EINPROGRESS {
        pending.append((address, socket))
      } else {
        close(socket)
      }
    }
    found += finished(pending)
    return found.sorted()
  }

  private static func finished(_ attempts: [(address: UInt32, socket: Int32)]) -> [UInt32] {
    var pending = attempts
    var found: [UInt32] = []
    let end = ContinuousClock.now + .milliseconds(Int(patienceMilliseconds))
    while !pending.isEmpty {
      let left = Int32(max(0, (end - .now) / .milliseconds(1)))
      var waits = pending.map { pollfd(fd: $0.socket, events: Int16(POLLOUT), revents: 0) }
      guard poll(&waits, nfds_t(waits.count), left) > 0 else { break }
      for (index, wait) in waits.enumerated().reversed() where wait.revents != 0 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(pending[index].socket, SOL_SOCKET, SO_ERROR, &code, &size)
        if code == 0 { found.append(pending[index].address) }
        close(pending[index].socket)
        pending.remove(at: index)
      }
    }
    for attempt in pending { close(attempt.socket) }
    return found
  }
}
