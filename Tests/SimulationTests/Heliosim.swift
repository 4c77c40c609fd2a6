import Glibc
import Thrown

/// The program that joins devices and houses, as it was built beside the tests.
enum Heliosim {
  struct Failure: Error { let description: String }

  /// The root of the tree.
  static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    .joined(separator: "/")

  /// Where the device profiles are, as options.
  static let profiles = ["--profiles", root + "/Sources/Hardware/Profiles"]

  /// Runs heliosim to its end; its exit code and all that it said.
  static func run(_ arguments: [String]) throws -> (status: Int32, text: String) {
    guard let own = realpath("/proc/self/exe", nil) else { throw Failure(description: "no self") }
    defer { free(own) }
    let folder = String(cString: own).split(separator: "/", omittingEmptySubsequences: false)
      .dropLast().joined(separator: "/")
    // Debug and release builds each have their own; where the test runs decides.
    let candidates = [folder, root + "/.build/release", root + "/.build/debug"]
      .map { $0 + "/heliosim" }
    guard let program = candidates.first(where: { access($0, X_OK) == 0 }) else {
      throw Failure(description: "no heliosim in \(candidates)")
    }
    return try CommandText.run(program, arguments)
  }
}
