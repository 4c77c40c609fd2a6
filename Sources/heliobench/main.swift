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
  default:
    Output.complaint(
      """
      usage: heliobench make FILE COUNT       write a file of signed records
             heliobench store FILE DATABASE   verify and store them; prints records a second
             heliobench commits DATABASE      commit until killed, a line for each
      """)
    exit(2)
  }
} catch {
  Output.complaint("heliobench: \(error)")
  exit(1)
}
