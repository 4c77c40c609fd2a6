import Glibc

let arguments = Array(CommandLine.arguments.dropFirst())
do {
  switch arguments.first {
  case "make" where arguments.count == 3:
    guard let count = Int(arguments[2]), (1...1_000_000).contains(count) else {
      throw Complaint("expected a count from 1 to 1000000, found \(arguments[2])")
    }
    try RecordFile.make(arguments[1], count: count)
  case "store" where arguments.count == 3:
    try StoreBenchmark.run(records: arguments[1], database: arguments[2])
  case "commits" where arguments.count == 2:
    try CommitWriter(path: arguments[1]).run()
  case "modbus" where arguments.count == 3:
    guard let port = UInt16(arguments[1]), let polls = Int(arguments[2]),
      (1...10_000_000).contains(polls)
    else { throw Complaint("expected a port and a count, found \(arguments[1]) \(arguments[2])") }
    try await ModbusBenchmark.run(port: port, polls: polls)
  case "plan" where arguments.count == 1:
    try PlanBenchmark.run()
  case "plan-digest" where arguments.count == 1:
    PlanDigest.run()
  default:
    Output.complaint(
      """
      usage: heliobench make FILE COUNT       write a file of signed records
             heliobench store FILE DATABASE   verify and store them; prints records a second
             heliobench commits DATABASE      commit until killed, a line for each
             heliobench modbus PORT POLLS     poll a device here; prints requests a second
             heliobench plan                  plan instances: JSON lines in, JSON lines out
             heliobench plan-digest           one digest over the plans of fixed seeds
      """)
    exit(2)
  }
} catch {
  Output.complaint("heliobench: \(error)")
  exit(1)
}
