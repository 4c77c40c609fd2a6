import Glibc
import Links
import Sealing

/// The key pair of a seed that holds one byte 32 times.
func keys(_ byte: UInt8) throws -> KeyPair {
  guard let keys = KeyPair(seed: [UInt8](repeating: byte, count: 32)) else {
    throw LinkError(.invalid, "32 bytes make a key")
  }
  return keys
}

/// Times short enough for a test, long enough for a busy machine.
var testLimits: LinkLimits {
  var limits = LinkLimits()
  limits.firstRetryMilliseconds = 20
  limits.longestRetryMilliseconds = 200
  return limits
}

let anyPort = HostPort(host: "127.0.0.1", port: 0)

func local(_ port: UInt16?) throws -> HostPort {
  guard let port else { throw LinkError(.invalid, "the hub listens") }
  return HostPort(host: "127.0.0.1", port: port)
}

/// A hub that waits for `peer` on a free port.
func listeningHub(_ own: KeyPair, for peer: KeyPair, _ log: EventLog) throws -> LinkHub {
  try LinkHub(
    keys: own, listen: anyPort, peers: [], allowed: [peer.publicKey], limits: testLimits,
    handler: log.append)
}

/// A hub that dials `peer` at `address` and takes nobody else.
func diallingHub(
  _ own: KeyPair, to peer: KeyPair, at address: HostPort, _ log: EventLog
) throws -> LinkHub {
  try LinkHub(
    keys: own, listen: nil, peers: [PeerAddress(key: peer.publicKey, address: address)],
    allowed: [peer.publicKey], limits: testLimits, handler: log.append)
}

/// A folder of its own for a test, removed with `remove()`.
struct TestFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/heliograph-links-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw LinkError(.system, "mkdtemp") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  func names(_ folder: String) -> [String] {
    guard let directory = opendir("\(path)/\(folder)") else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  func write(_ name: String, _ bytes: [UInt8]) {
    let descriptor = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o660)
    _ = Glibc.write(descriptor, bytes, bytes.count)
    close(descriptor)
  }

  func read(_ name: String) -> String? {
    let descriptor = open("\(path)/\(name)", O_RDONLY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = Glibc.read(descriptor, &buffer, buffer.count)
    return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
  }

  func remove() {
    for folder in names("") {
      for inner in names(folder) {
        for name in names("\(folder)/\(inner)") {
          Glibc.remove("\(path)/\(folder)/\(inner)/\(name)")
        }
        Glibc.remove("\(path)/\(folder)/\(inner)")
      }
      Glibc.remove("\(path)/\(folder)")
    }
    Glibc.remove(path)
  }
}

/// A client that waits long: all tests share a few threads with each other.
func patientClient(_ node: String) -> ControlClient {
  ControlClient(node: node, timeoutSeconds: 300)
}

/// A socket in `folder` that waits as long for its clients.
func patientSocket(
  _ folder: TestFolder, handler: @escaping @Sendable (String) async -> String
) throws(LinkError) -> ControlSocket {
  try ControlSocket(path: folder.path + "/control.sock", idleSeconds: 300, handler: handler)
}

/// A plain TCP connection to a port of this machine.
func tcpConnection(port: UInt16) -> Int32 {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  let result = withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  return result == 0 ? descriptor : -1
}
