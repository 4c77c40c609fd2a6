import Glibc

/// Files of one folder of the spool, with what can go wrong in plain words.
struct SpoolFolder {
  let path: String

  /// The longest file that is read: a message has at most 160 characters a part.
  static let maximumFileBytes = 4096

  /// Makes the folder unless it is there.
  func create() throws(LinkError) {
    guard mkdir(path, 0o770) == 0 || errno == EEXIST else { throw failure("make the folder") }
  }

  /// The names in it, sorted, at most `limit` of them.
  func names(limit: Int) throws(LinkError) -> [String] {
    guard let directory = opendir(path) else { throw failure("read the folder") }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory), names.count < limit {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// The size of a file; nil when it has gone or is none.
  func size(of name: String) -> Int? {
    var status = stat()
    guard lstat("\(path)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return nil
    }
    return Int(status.st_size)
  }

  func read(_ name: String) throws(LinkError) -> [UInt8] {
    let descriptor = open("\(path)/\(name)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw failure("read \(name)") }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: Self.maximumFileBytes)
    let count = uninterrupted { Glibc.read(descriptor, &buffer, buffer.count) }
    guard count >= 0 else { throw failure("read \(name)") }
    return Array(buffer[..<count])
  }

  /// Writes the whole file or nothing: a hidden name first, on disk, then moved.
  func write(_ name: String, _ bytes: [UInt8]) throws(LinkError) {
    let temporary = "\(path)/.\(name)"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o660)
    guard descriptor >= 0 else { throw failure("write \(name)") }
    let count = uninterrupted { Glibc.write(descriptor, bytes, bytes.count) }
    guard count == bytes.count, fsync(descriptor) == 0 else {
      let error = failure("write \(name)")
      close(descriptor)
      unlink(temporary)
      throw error
    }
    close(descriptor)
    guard rename(temporary, "\(path)/\(name)") == 0 else { throw failure("write \(name)") }
  }

  func move(_ name: String, to other: SpoolFolder) throws(LinkError) {
    guard rename("\(path)/\(name)", "\(other.path)/\(name)") == 0 else {
      throw failure("move \(name) to \(other.path)")
    }
  }

  func remove(_ name: String) { unlink("\(path)/\(name)") }

  private func failure(_ what: String) -> LinkError {
    LinkError(.system, "\(path): can't \(what): \(systemErrorText())")
  }
}
