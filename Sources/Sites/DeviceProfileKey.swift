/// Any field's name, so that a misspelt one is found and not passed over.
struct DeviceProfileKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }

  /// Throws for the first field, in alphabetical order, whose name is none of `names`.
  static func refuseUnknown(in decoder: any Decoder, but names: [String]) throws {
    let keys = try decoder.container(keyedBy: DeviceProfileKey.self).allKeys
    let strangers = keys.filter { !names.contains($0.stringValue) }.map(\.stringValue).sorted()
    guard let stranger = strangers.first else { return }
    let path = DeviceProfileProblem.path(
      decoder.codingPath + [DeviceProfileKey(stringValue: stranger)])
    throw DeviceProfileProblem(
      field: path, expected: "one of the fields " + names.joined(separator: ", "))
  }
}
