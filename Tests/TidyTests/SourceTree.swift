import FoundationEssentials

/// The project's own Swift files, found from where this file stood when it was compiled.
struct SourceTree {
  let files: [SourceFile]
  /// What `make soak-planted` plants, by name.
  let faults: [(name: String, text: String)]

  /// Reads `Package.swift` and everything below `Sources` and `Tests`.
  init() throws {
    let root = try Self.root()
    var paths = ["Package.swift"]
    for folder in ["Sources", "Tests"] {
      paths += try FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)")
        .filter { $0.hasSuffix(".swift") }
        .map { "\(folder)/\($0)" }
    }
    files = try paths.sorted().map { path in
      let data = try Data(contentsOf: URL(filePath: "\(root)/\(path)"))
      return SourceFile(path: path, text: String(decoding: data, as: UTF8.self))
    }
    let planted = "\(root)/Tests/Soak/planted"
    faults = try FileManager.default.contentsOfDirectory(atPath: planted).sorted().map { name in
      let data = try Data(contentsOf: URL(filePath: "\(planted)/\(name)"))
      return (name, String(decoding: data, as: UTF8.self))
    }
  }

  /// The names of the modules below `Sources`.
  var modules: Set<String> { Set(files.compactMap(\.module)) }

  private static func root() throws -> String {
    let compiled = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
    let candidates = [compiled, FileManager.default.currentDirectoryPath]
    for candidate in candidates
    where FileManager.default.fileExists(atPath: "\(candidate)/Package.swift") {
      return candidate
    }
    throw Missing(looked: candidates)
  }

  /// No source tree where this was compiled, nor where it runs.
  struct Missing: Error {
    let looked: [String]
  }
}
