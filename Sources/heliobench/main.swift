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
    try StoreBenchmark().run(records: arguments[1], database: arguments[2], cores: 1)
  case "store" where arguments.count == 5 && arguments[3] == "--cores":
    guard let cores = Int(arguments[4]), (1...1024).contains(cores) else {
      throw Complaint("expected a number of cores, found \(arguments[4])")
    }
    try StoreBenchmark().run(records: arguments[1], database: arguments[2], cores: cores)
  case "fill" where arguments.count == 3, "fold" where arguments.count == 3:
    guard let count = Int(arguments[2]), (1...10_000_000).contains(count) else {
      throw Complaint("expected a count from 1 to 10000000, found \(arguments[2])")
    }
    var benchmark = try StreetBenchmark(database: arguments[1])
    try benchmark.fill(count)
    if arguments[0] == "fold" { try benchmark.foldAll() }
  case "years" where arguments.count == 3:
    guard let years = Int(arguments[2]), (1...10).contains(years) else {
      throw Complaint("expected 1 to 10 years, found \(arguments[2])")
    }
    var benchmark = try StreetBenchmark(database: arguments[1])
    try benchmark.live(years: years)
  case "start" where arguments.count == 2:
    try StoreBenchmark().start(database: arguments[1])
  case "pairs" where arguments.count == 4:
    // More payments than wait for a receipt would be forgotten.
    guard let pairs = Int(arguments[2]), let batch = Int(arguments[3]),
      (1...1_000_000).contains(pairs), (1...64).contains(batch)
    else { throw Complaint("expected two counts, found \(arguments[2]) \(arguments[3])") }
    try PairBenchmark.run(directory: arguments[1], pairs: pairs, batch: batch)
  case "commits" where arguments.count == 2:
    try CommitWriter(path: arguments[1]).run()
  case "modbus" where arguments.count == 3:
    guard let port = UInt16(arguments[1]), let polls = Int(arguments[2]),
      (1...10_000_000).contains(polls)
    else { throw Complaint("expected a port and a count, found \(arguments[1]) \(arguments[2])") }
    try await ModbusBenchmark.run(port: port, polls: polls)
  case "plan" where arguments.count == 1:
    try PlanBenchmark.run()
  case "clear" where arguments.count == 1:
    var benchmark = ClearingBenchmark()
    try benchmark.run()
  case "plan-digest" where arguments.count == 1:
    PlanDigest.run()
  case "batch" where arguments.count == 4:
    guard let lines = Int(arguments[2]), let bytes = Int(arguments[3]),
      (1...50_000).contains(lines), (1...100_000).contains(bytes)
    else { throw Complaint("expected two counts, found \(arguments[2]) \(arguments[3])") }
    try QueueBenchmark.write(arguments[1], lines: lines, bytes: bytes)
  case "stage" where arguments.count == 3:
    try QueueBenchmark.stage(arguments[1], directory: arguments[2])
  case "feed" where arguments.count == 4, "memory" where arguments.count == 4:
    let benchmark = QueueBenchmark(directory: arguments[1], address: arguments[3])
    try await benchmark.run(folder: arguments[2], showsMemory: arguments[0] == "memory")
  case "pause" where arguments.count >= 6:
    guard let kind = PauseBenchmark.Kind(rawValue: arguments[1]), let rounds = Int(arguments[2]),
      (1...100).contains(rounds)
    else { throw Complaint("expected a kind and a count, found \(arguments[1...2])") }
    try PauseBenchmark(
      directory: arguments[3], address: arguments[4], command: Array(arguments[5...])
    ).run(kind, rounds: rounds)
  default:
    Output.complaint(
      """
      usage: heliobench make FILE COUNT       write a file of signed records
             heliobench store FILE DATABASE [--cores N]
                                              verify and store them; prints records a second
             heliobench fill DATABASE COUNT   store so many records of whole contracts; prints the
                                              database's bytes for each contract
             heliobench fold DATABASE COUNT   the same, then folds them; prints ms, and the bytes
                                              of a folded one and how many they are
             heliobench years DATABASE YEARS  thirty houses' trade, older quarters folded; prints
                                              each year's contracts, bytes and kB resident
             heliobench start DATABASE        open it as a start does; prints ms, kB resident,
                                              records, and how many were read one by one
             heliobench pairs DIRECTORY PAIRS BATCH
                                              two nodes write linked records to each other; prints
                                              pairs a second, BATCH (1 to 64) of them to a commit
             heliobench commits DATABASE      commit until killed, a line for each
             heliobench modbus PORT POLLS     poll a device here; prints requests a second
             heliobench plan                  plan instances: JSON lines in, JSON lines out
             heliobench clear                 clear books: JSON lines in, JSON lines out
             heliobench plan-digest           one digest over the plans of fixed seeds
             heliobench batch FILE LINES BYTES    write a Batch file, each line so long
             heliobench stage FILE JOBS           copy it into a folder of JOBS; prints its name
             heliobench feed JOBS FOLDER ENGINE   feed it; prints requests a second, durable
             heliobench memory JOBS FOLDER ENGINE the same, then lines done and kB resident
             heliobench pause drain|cut|freeze|stop ROUNDS DIRECTORY ENGINE COMMAND…
                                              start the engine by COMMAND, pause it in the middle of
                                              long answers; prints each time ms to its last work
      """)
    exit(2)
  }
} catch {
  Output.complaint("heliobench: \(error)")
  exit(1)
}
