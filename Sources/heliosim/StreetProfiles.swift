import Glibc
import Hardware

/// Finds the device profiles.
enum StreetProfiles {
  private static let usualFolders = [
    "Sources/Hardware/Profiles", "/usr/share/heliograph/profiles",
  ]

  /// `named` made absolute; when it is empty, the first usual folder that is there.
  static func folder(_ named: String) throws(StreetError) -> String {
    let candidates = named.isEmpty ? usualFolders : [named]
    guard let found = candidates.first(where: { access($0, R_OK | X_OK) == 0 }) else {
      throw StreetError(
        "no device profiles in \(candidates.joined(separator: " or ")). "
          + "Name their folder with --profiles.")
    }
    return StreetSystem.absolutePath(found)
  }

  static func library(_ named: String) throws(StreetError) -> ProfileLibrary {
    do {
      return try ProfileLibrary(directory: try folder(named))
    } catch let error as StreetError {
      throw error
    } catch {
      throw StreetError("\(error)")
    }
  }
}
