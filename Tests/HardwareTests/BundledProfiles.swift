import Hardware
import Sites

/// The profiles that ship with Heliograph, for tests.
enum BundledProfiles {
  static let directory = root + "/Sources/Hardware/Profiles"

  /// The repository's root, found from where this file was compiled.
  static var root: String {
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
      .joined(separator: "/")
  }

  static func named(_ name: String) throws -> DeviceProfile {
    try ProfileLibrary.profile(atPath: directory + "/" + name + ".json5")
  }
}
