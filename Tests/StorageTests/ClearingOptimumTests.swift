import Testing
import Thrown

/// Beside the other checks that heliobench serves.
@Suite("Clearing beside linear programmes")
struct ClearingOptimumTests {
  @Test("HiGHS finds nothing better for twenty books without limits, and little for thirty with")
  func small() async throws {
    guard let python = InteropProcess.python() else { return }
    let program = try #require(CrashTests.program)
    let report = try await besidePool {
      let process = try InteropProcess(
        python: python, script: "../Bench/clearing_report.py", arguments: [program, "--short"])
      defer { process.finish() }
      return try process.wholeOutput()
    }
    guard !report.hasPrefix("SKIPPED") else { return print(report) }
    #expect(report.contains("welfare equal to the linear programme's"), "\(report)")
    #expect(report.contains("Every bar is met"), "\(report)")
  }
}
