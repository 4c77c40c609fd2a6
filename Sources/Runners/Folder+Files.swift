import Glibc

extension Folder {
  /// The names in a folder, sorted; none where it can't be read. At most `limit`.
  static func names(in path: String, atMost limit: Int = 100_000) -> [String] {
    guard let listing = opendir(path) else { return [] }
    defer { closedir(listing) }
    var names: [String] = []
    while names.count < limit, let entry = readdir(listing) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The size of a regular file; nil where there is none, or something else, such as a link.
  static func size(_ path: String) -> Int64? {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int64(status.st_size)
  }

  /// What is free on a folder's disk, bytes; nil where the system doesn't say.
  static func free(_ path: String) -> Int64? {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    let (bytes, isLarge) = Int64(status.f_bavail).multipliedReportingOverflow(
      by: Int64(status.f_frsize))
    return isLarge ? .max : bytes
  }

  /// The bytes of a small regular file; nil where it can't be read or is larger.
  static func read(_ path: String, atMost limit: Int) -> [UInt8]? {
    guard let file = try? ServedFile(path: path), file.length <= Int64(limit) else { return nil }
    var bytes: [UInt8] = []
    while bytes.count < file.length {
      guard let more = file.bytes(at: Int64(bytes.count), atMost: limit), !more.isEmpty else {
        return nil
      }
      bytes += more
    }
    return bytes
  }

  /// Replaces a small file: a crash leaves the old one or the new one, on disk when this returns.
  static func replace(
    _ name: String, with bytes: [UInt8], in folder: String
  ) throws(RunnerError) {
    let new = name + ".new"
    let file = try AppendOnlyFile(path: folder + "/" + new, length: 0)
    do throws(RunnerError) {
      try file.extend(bytes)
      try file.synchronise()
      try rename(new, to: name, in: folder)
    } catch {
      remove(folder + "/" + new)
      throw error
    }
  }

  /// Gives a file a second name, on disk when this returns.
  static func link(_ file: String, to name: String, in folder: String) throws(RunnerError) {
    guard Glibc.link(file, folder + "/" + name) == 0 else {
      throw AppendOnlyFile.failure("linked", file)
    }
    try synchronise(folder)
  }
}
