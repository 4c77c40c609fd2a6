import Glibc
import Testing

/// One run of `heliograph`, to its end.
struct ToolProcess {
  /// The exit status; nil when a signal ended it.
  let status: Int32?
  /// Standard output.
  let output: String
  /// Standard error.
  let complaint: String

  /// Runs it with these arguments and `input` on standard input.
  init(_ arguments: [String], in directory: TemporaryDirectory, input: String = "") throws {
    let daemon = try #require(DaemonProcess.program)
    let program = String(daemon.dropLast("heliographd".count)) + "heliograph"
    let files = ["in", "out", "err"].map { directory.file("tool-\($0)") }
    _ = directory.write("tool-in", input)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, files[0], O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, files[1], O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, files[2], O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    let vector: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
    defer { for argument in vector { free(argument) } }
    var child = pid_t()
    try #require(posix_spawn(&child, program, &actions, nil, vector + [nil], nil) == 0)
    var code: Int32 = 0
    while waitpid(child, &code, 0) < 0 && errno == EINTR {}
    status = code & 0x7F == 0 ? code >> 8 & 0xFF : nil
    output = Self.content(of: files[1])
    complaint = Self.content(of: files[2])
  }

  private static func content(of path: String) -> String {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    let count = read(file, &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
  }
}
