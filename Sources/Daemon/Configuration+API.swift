import Runners

extension Configuration {
  /// How programs hand in batches.
  public struct BatchAccess: Sendable, Hashable {
    /// The Unix socket of the OpenAI Batch API (mode 0660); nil: none. Default
    /// `<dataDirectory>/api.sock`.
    public var socketPath: String?
    /// The port on 127.0.0.1 and ::1; nil: none. No default.
    public var port: UInt16?
    /// The file with the key that clients must send over TCP; nil: any key will do.
    public var keyFile: String?

    public init(socketPath: String? = nil, port: UInt16? = nil, keyFile: String? = nil) {
      self.socketPath = socketPath
      self.port = port
      self.keyFile = keyFile
    }
  }

  static func api(
    _ reader: inout ConfigurationReader, dataDirectory: String
  ) throws(ConfigurationError) -> BatchAccess {
    var access = BatchAccess(socketPath: dataDirectory + "/api.sock")
    guard var entry = try reader.object("api") else { return access }
    if try entry.boolean("socket") == false { access.socketPath = nil }
    access.port = try entry.integer("port", in: 1...65_535).map { UInt16($0) }
    access.keyFile = try directory("keyFile", &entry)
    guard access.keyFile == nil || access.port != nil else {
      throw entry.missing("port", "the port that the key is for")
    }
    try entry.finish()
    return access
  }

  /// `watch`: a path, or true for `inbox` in the data directory.
  static func watchedFolder(
    _ reader: inout ConfigurationReader, dataDirectory: String
  ) throws(ConfigurationError) -> String? {
    var look = reader
    if case .boolean(let isWanted) = look.node("watch")?.value {
      _ = try reader.boolean("watch")
      return isWanted ? dataDirectory + "/inbox" : nil
    }
    return try directory("watch", &reader)
  }
}
