import Glibc

/// Reads a file line by line in flat memory.
final class LineReader {
  struct Line {
    /// Where it starts in the file, in bytes.
    var offset: Int64
    /// Without the line's end.
    var bytes: [UInt8]
    /// Whether a newline ends it; false at most for a file's last line.
    var isWhole: Bool
  }

  private static let chunkBytes = 65_536

  private let descriptor: Int32
  private let path: String
  private let maximumLineBytes: Int
  private var buffer: [UInt8] = []
  private var consumed = 0
  private var offset: Int64 = 0

  /// Opens a regular file; a folder, a device or a pipe is refused. `start` is a line's beginning.
  init(path: String, maximumLineBytes: Int, from start: Int64 = 0) throws(RunnerError) {
    self.path = path
    self.maximumLineBytes = maximumLineBytes
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw RunnerError(.storage, "\(path) can't be read: \(SystemText.error(errno))")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw RunnerError(.storage, "\(path) is not a file: name a batch file (.jsonl)")
    }
    offset = start
    if start > 0 { lseek(descriptor, off_t(start), SEEK_SET) }
  }

  deinit { close(descriptor) }

  /// The next line; nil at the end. A line over the limit throws.
  func next() throws(RunnerError) -> Line? {
    var searched = consumed
    while true {
      if let end = newline(from: searched) { return take(upTo: end, whole: true) }
      searched = buffer.count
      guard buffer.count - consumed <= maximumLineBytes else {
        throw RunnerError(
          .invalidBatch, "\(path): a line is longer than \(maximumLineBytes) bytes")
      }
      searched -= consumed
      buffer.removeFirst(consumed)
      consumed = 0
      if try fill() == 0 {
        return buffer.isEmpty ? nil : take(upTo: buffer.count, whole: false)
      }
    }
  }

  /// Reads again the bytes of a line that `next` gave before.
  func read(at offset: Int64, count: Int) throws(RunnerError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = bytes.withUnsafeMutableBytes { raw in
        pread(descriptor, raw.baseAddress.map { $0 + done }, count - done, off_t(offset) + done)
      }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else {
        throw RunnerError(.storage, "\(path) ends early: it was changed while its job ran")
      }
      done += got
    }
    return bytes
  }

  private func newline(from start: Int) -> Int? {
    buffer.withUnsafeBytes { raw in
      guard let base = raw.baseAddress, start < raw.count,
        let found = memchr(base + start, 0x0A, raw.count - start)
      else { return nil }
      return UnsafeRawPointer(found) - base
    }
  }

  private func take(upTo end: Int, whole: Bool) -> Line {
    let line = Line(offset: offset, bytes: Array(buffer[consumed..<end]), isWhole: whole)
    let length = end - consumed + (whole ? 1 : 0)
    consumed += length
    offset += Int64(length)
    return line
  }

  private func fill() throws(RunnerError) -> Int {
    var chunk = [UInt8](repeating: 0, count: Self.chunkBytes)
    while true {
      let got = Glibc.read(descriptor, &chunk, chunk.count)
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else {
        throw RunnerError(.storage, "\(path) can't be read: \(SystemText.error(errno))")
      }
      buffer += chunk.prefix(got)
      return got
    }
  }
}
