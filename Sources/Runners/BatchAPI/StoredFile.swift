import Quantities

/// An uploaded file as the store knows it.
struct StoredFile: Hashable, Sendable {
  /// `file-` and 24 hexadecimal digits.
  var id: String
  var bytes: Int64
  var createdAt: Instant
  /// What its uploader called it; at most 255 bytes, for people only, never a path.
  var fileName: String
  var purpose: String

  static let purpose = "batch"
  static let outputPurpose = "batch_output"

  /// As the OpenAI API shows it.
  var object: JSONValue {
    .members([
      "id": .string(id), "object": .string("file"), "bytes": .integer(bytes),
      "created_at": .integer(createdAt.secondsSince1970), "expires_at": .null,
      "filename": .string(fileName), "purpose": .string(purpose), "status": .string("processed"),
      "status_details": .null,
    ])
  }

  /// As it lies beside its content.
  var record: JSONValue {
    .members([
      "id": .string(id), "bytes": .integer(bytes),
      "created_at_milliseconds": .integer(createdAt.millisecondsSince1970),
      "filename": .string(fileName), "purpose": .string(purpose),
    ])
  }

  init(id: String, bytes: Int64, createdAt: Instant, fileName: String, purpose: String) {
    self.id = id
    self.bytes = bytes
    self.createdAt = createdAt
    self.fileName = fileName
    self.purpose = purpose
  }

  /// The file that `record` gave; nil for anything else.
  init?(record: JSONValue) {
    guard let id = record["id"]?.text, FileName.isFile(id),
      let bytes = record["bytes"]?.integer, bytes >= 0,
      let created = record["created_at_milliseconds"]?.integer,
      (-magnitudeLimit...magnitudeLimit).contains(created),
      let fileName = record["filename"]?.text, let purpose = record["purpose"]?.text
    else { return nil }
    self.init(
      id: id, bytes: bytes, createdAt: Instant(millisecondsSince1970: created),
      fileName: fileName, purpose: purpose)
  }
}

extension Instant {
  /// Whole seconds, rounded down, as the OpenAI API counts.
  var secondsSince1970: Int64 {
    let (quotient, remainder) = millisecondsSince1970.quotientAndRemainder(dividingBy: 1000)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
