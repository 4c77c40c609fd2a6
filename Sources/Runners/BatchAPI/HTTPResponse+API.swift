/// Answers in the shapes of the OpenAI API.
extension HTTPResponse {
  /// An error as OpenAI's clients read it, and whether they should try again.
  ///
  /// They try again by themselves after 408, 409, 429 and 5xx unless told not to.
  static func refusal(
    _ status: Int, _ message: String, code: String? = nil, param: String? = nil,
    kind: String? = nil, isLasting: Bool? = nil
  ) -> HTTPResponse {
    let kind = kind ?? (status >= 500 ? "server_error" : "invalid_request_error")
    let error = JSONValue.members([
      "message": .string(message), "type": .string(kind), "param": .text(param),
      "code": .text(code),
    ])
    var response = json(.members(["error": error]), status: status)
    if isLasting ?? (status == 409 || status == 507) {
      response.fields.append(HTTPRequest.Field(name: "x-should-retry", value: "false"))
    }
    return response
  }

  /// What an error of the runner's means to a client.
  static func refusal(of error: RunnerError) -> HTTPResponse {
    switch error.code {
    case .tooLarge: refusal(413, error.message, code: "file_too_large", param: "file")
    case .full: refusal(507, error.message, code: "storage_full")
    case .diskFull: refusal(507, "no room is left on the disk", code: "disk_full")
    case .invalidBatch: refusal(400, error.message, param: error.field)
    case .storage, .address, .answer, .system:
      refusal(500, "the node could not do it: its journal says why")
    }
  }

  /// A page of objects, newest or oldest first.
  static func page(_ objects: [JSONValue], hasMore: Bool) -> HTTPResponse {
    .json(
      .members([
        "object": .string("list"), "data": .array(objects),
        "first_id": objects.first?["id"] ?? .null, "last_id": objects.last?["id"] ?? .null,
        "has_more": .bool(hasMore),
      ]))
  }
}

/// Which part of a list a client wants.
struct ListPage {
  var limit: Int
  var after: String?
  var isAscending = false

  /// Reads `limit`, `after` and `order`.
  init(_ request: HTTPRequest, standard: Int, maximum: Int) throws(HTTPRefusal) {
    limit = standard
    if let text = request[parameter: "limit"] {
      guard let number = Int(text), (1...maximum).contains(number) else {
        throw HTTPRefusal(
          .refusal(400, "limit: expected a number from 1 to \(maximum)", param: "limit"))
      }
      limit = number
    }
    if let after = request[parameter: "after"], !after.isEmpty { self.after = after }
    switch request[parameter: "order"] {
    case nil, "desc": break
    case "asc": isAscending = true
    default: throw HTTPRefusal(.refusal(400, "order: expected asc or desc", param: "order"))
    }
  }

  /// The part of `all`, which is in order of time; and whether more follow.
  func cut<Item>(
    _ all: [Item], id: (Item) -> String
  ) throws(HTTPRefusal) -> (items: [Item], hasMore: Bool) {
    var rest = (isAscending ? all : all.reversed())[...]
    if let after {
      guard let place = rest.firstIndex(where: { id($0) == after }) else {
        throw HTTPRefusal(
          .refusal(
            400, "after: nothing here is called \(SystemText.printable(after, limit: 40))",
            param: "after"))
      }
      rest = rest[(place + 1)...]
    }
    return (Array(rest.prefix(limit)), rest.count > limit)
  }
}
