import Planning
import Quantities
import Texting

/// What the file beside a dropped batch says of it.
struct DroppedOptions: Hashable {
  static let maximumBytes = 64 << 10

  var options = BatchOptions()
  /// How long it is wanted; nil: until it is done.
  var span: TimeSpan?

  /// Reads the file; defaults where there is none. The message of an error names the field.
  init(_ path: String) throws(RunnerError) {
    guard Folder.exists(path) else { return }
    guard let bytes = Folder.read(path, atMost: Self.maximumBytes),
      let value = try? JSONParser.parse(bytes), case .object(let members) = value
    else { throw Self.wrong("expected a JSON object of at most 64 KiB") }
    for member in members {
      let text: String? =
        switch member.value {
        case .string(let text): text
        case .number(let digits): digits
        case .bool(let value): value ? "true" : "false"
        case .null, .array, .object: nil
        }
      let key = SystemText.printable(member.key, limit: 40)
      guard let text else { throw Self.wrong("\(key): expected a text or a number") }
      guard member.key != "window" else {
        guard let window = BatchOptions.window(text) else {
          throw Self.wrong("window: expected minutes, hours or days up to 30d, such as 24h")
        }
        span = window
        continue
      }
      do throws(BatchOptions.Failure) {
        try options.set(member.key, text)
      } catch {
        throw Self.wrong("\(key): expected \(error.expected)")
      }
    }
  }

  func request(file: String) -> BatchRequest {
    BatchRequest(
      file: file, power: options.power, priority: options.priority,
      interruptible: !options.isFixed, value: options.value)
  }

  private static func wrong(_ message: String) -> RunnerError {
    RunnerError(.invalidBatch, "options: \(message)")
  }
}
