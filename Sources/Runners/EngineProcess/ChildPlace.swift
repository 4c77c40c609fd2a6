/// The files of a child: what it says, and by what a later node finds it.
struct ChildPlace: Hashable {
  var directory: String
  /// What the files are called after.
  var name: String

  var log: String { "\(directory)/\(name).log" }
  var record: String { "\(directory)/\(name).process" }
}
