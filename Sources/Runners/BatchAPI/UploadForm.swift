/// What came of an upload's form so far.
struct UploadForm {
  static let maximumFieldBytes = 256

  private let desk: BatchDesk
  private var upload: FileUpload?
  private var fileName = ""
  private var purpose: String?
  /// The field that comes in, and what came of it.
  private var field: (name: String, value: [UInt8])?
  private var isInFile = false

  init(desk: BatchDesk) { self.desk = desk }

  mutating func take(_ event: MultipartReader.Event) throws(HTTPRefusal) {
    switch event {
    case .part(let name, let fileName):
      isInFile = name == "file"
      if isInFile { try beginFile(fileName) } else { field = (name, []) }
    case .content(let bytes):
      if isInFile { try append(bytes) } else { try extend(bytes) }
    case .partEnd:
      isInFile = false
      guard let (name, value) = field else { return }
      field = nil
      try take(name, String(decoding: value, as: UTF8.self))
    }
  }

  private mutating func beginFile(_ name: String?) throws(HTTPRefusal) {
    guard upload == nil else { throw Self.wrong("the form has two files", "file") }
    guard let name, !name.isEmpty, name.utf8.count <= 255 else {
      throw Self.wrong("file: expected a file with a name of at most 255 bytes", "file")
    }
    fileName = name
    do throws(RunnerError) {
      upload = try desk.files.begin()
    } catch { throw refusal(of: error) }
  }

  private mutating func append(_ bytes: ArraySlice<UInt8>) throws(HTTPRefusal) {
    do throws(RunnerError) {
      try upload?.append(bytes)
    } catch {
      upload = nil
      throw refusal(of: error)
    }
  }

  private mutating func extend(_ bytes: ArraySlice<UInt8>) throws(HTTPRefusal) {
    guard let (name, value) = field else { return }
    guard value.count + bytes.count <= Self.maximumFieldBytes else {
      let shown = SystemText.printable(name, limit: 40)
      throw Self.wrong("\(shown): expected at most \(Self.maximumFieldBytes) bytes", shown)
    }
    field = (name, value + bytes)
  }

  private mutating func take(_ name: String, _ value: String) throws(HTTPRefusal) {
    guard name == "purpose" else {
      let shown = SystemText.printable(name, limit: 40)
      let words = shown.hasPrefix("expires_after") ? "files stay until they are deleted" : "unknown"
      throw Self.wrong("\(shown): \(words); expected purpose and file", shown)
    }
    guard value == StoredFile.purpose else {
      throw Self.wrong("purpose: expected batch, as only batches are run here", "purpose")
    }
    purpose = value
  }

  /// Everything that the form was to bring; says what is missing.
  mutating func takeWhole() throws(HTTPRefusal) -> (FileUpload, fileName: String, purpose: String) {
    guard let purpose else { throw Self.wrong("purpose: missing; expected batch", "purpose") }
    guard let upload else { throw Self.wrong("file: missing; expected a batch file", "file") }
    guard upload.length > 0 else { throw Self.wrong("file: it is empty", "file") }
    self.upload = nil
    return (upload, fileName, purpose)
  }

  private func refusal(of error: RunnerError) -> HTTPRefusal {
    if error.code != .tooLarge, error.code != .full { desk.node.say("upload: \(error.message)") }
    return HTTPRefusal(.refusal(of: error))
  }

  private static func wrong(_ message: String, _ param: String) -> HTTPRefusal {
    HTTPRefusal(.refusal(400, message, param: param))
  }
}
