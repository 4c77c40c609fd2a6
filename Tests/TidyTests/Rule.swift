/// A habit of this project that can be checked by reading one file.
protocol Rule: Sendable {
  func findings(in file: SourceFile) -> [Finding]
}
