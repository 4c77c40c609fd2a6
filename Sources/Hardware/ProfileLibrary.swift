import FoundationEssentials
import Sites

/// The device profiles of a directory, by name.
public struct ProfileLibrary: Sendable {
  /// The most files that are read.
  public static let maximumFiles = 500
  /// The most bytes that one profile may have.
  public static let maximumBytes = DeviceProfile.maximumBytes

  private let profiles: [String: DeviceProfile]

  /// Loads every `*.json5` in `directory`; one that is wrong fails them all.
  public init(directory: String) throws(ProfileError) {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: directory)
    } catch {
      throw ProfileError(
        file: directory, problem: "can't be listed; expected the directory of device profiles")
    }
    let files = names.filter { $0.hasSuffix(".json5") }.sorted()
    guard files.count <= Self.maximumFiles else {
      throw ProfileError(
        file: directory, problem: "\(files.count) profiles; at most \(Self.maximumFiles) are read")
    }
    var profiles: [String: DeviceProfile] = [:]
    for file in files {
      let path = directory + "/" + file
      let profile = try Self.profile(atPath: path)
      try Self.checkName(of: profile, atPath: path)
      profiles[profile.name] = profile
    }
    self.profiles = profiles
  }

  /// Nil where there is no such profile.
  public subscript(name: String) -> DeviceProfile? { profiles[name] }

  /// In alphabetical order.
  public var names: [String] { profiles.keys.sorted() }

  /// Throws unless the file is called as the profile, because it is looked for by that name.
  public static func checkName(
    of profile: DeviceProfile, atPath path: String
  ) throws(ProfileError) {
    let file = path.split(separator: "/").last ?? ""
    guard file == profile.name + ".json5" else {
      throw ProfileError(
        file: path,
        problem: "name: expected the file to be called \(profile.name).json5, as its profile")
    }
  }

  /// Loads one profile.
  public static func profile(atPath path: String) throws(ProfileError) -> DeviceProfile {
    guard let text = FileManager.default.contents(atPath: path) else {
      throw ProfileError(file: path, problem: "can't be read; check that it exists and its rights")
    }
    guard text.count <= maximumBytes else {
      throw ProfileError(file: path, problem: "\(text.count) bytes; at most \(maximumBytes)")
    }
    do {
      return try DeviceProfile(json5: Array(text), file: path)
    } catch {
      throw ProfileError(file: path, problem: error.problem)
    }
  }
}
