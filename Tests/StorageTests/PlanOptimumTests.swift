import Testing
import Thrown

@Suite("Plans beside the exact optimum")
struct PlanOptimumTests {
  @Test("HiGHS finds nothing notably better for twelve small problems")
  func small() async throws {
    guard let python = InteropProcess.python() else { return }
    let program = try #require(CrashTests.program)
    let report = try await besidePool {
      let process = try InteropProcess(
        python: python, script: "../Bench/plan_report.py", arguments: [program, "--short"])
      defer { process.finish() }
      return try process.wholeOutput()
    }
    guard !report.hasPrefix("SKIPPED") else { return print(report) }
    #expect(report.contains("instances, of which HiGHS proved"), "\(report)")
    #expect(report.contains("Every bar is met"), "\(report)")
  }
}
