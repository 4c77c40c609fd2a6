import Glibc
import Runners
import Testing

@Suite("An engine that is a child")
struct EngineProcessTests {
  /// One engine in a folder of its own. `mark` is in its command line and in no other's.
  final class Bench {
    let folder: ScratchFolder
    let witness = ProcessWitness()
    let mark = "36\(UInt32.random(in: 0..<1_000_000_000))"

    init() throws { folder = try ScratchFolder() }

    func engine(
      _ command: [String], change: (inout EngineProcessLimits) -> Void = { _ in }
    ) throws -> EngineProcess {
      var limits = EngineProcessLimits()
      limits.lookMilliseconds = 20
      change(&limits)
      let witness = witness
      return try EngineProcess(.command(command), directory: folder.path, limits: limits) {
        witness.add($0)
      }
    }

    var processes: [(number: Int32, state: Character)] {
      ProcessWitness.processes(with: mark)
    }
  }

  @Test("starts, stops and starts again, each told once")
  func startsAndStops() async throws {
    let bench = try Bench()
    let engine = try bench.engine(["sleep", bench.mark])
    engine.start()
    #expect(try await bench.witness.wait(for: .started))
    #expect(engine.state == .running)
    #expect(bench.processes.count == 1)
    engine.start()
    engine.stop()
    let ended = EngineProcess.Event.ended(reason: "it was ended by signal 15", isDone: false)
    #expect(try await bench.witness.wait(for: [.started, ended]))
    #expect(bench.processes.isEmpty)
    #expect(bench.folder.read("engine.process") == nil)
    engine.start()
    #expect(try await bench.witness.wait(for: [.started, ended, .started]))
    engine.close()
    #expect(bench.witness.all == [.started, ended, .started, ended])
    #expect(engine.state == .stopped)
    #expect(bench.processes.isEmpty)
  }

  @Test("says why an engine ended, and leaves it ended")
  func saysWhyItEnded() async throws {
    let bench = try Bench()
    let engine = try bench.engine(["ls", "/no/such/model.gguf"])
    engine.start()
    #expect(try await ProcessWitness.wait { bench.witness.all.count == 2 })
    let reason = bench.witness.reasons.first ?? ""
    #expect(reason.hasPrefix("it ended with exit code 2: "))
    #expect(reason.contains("/no/such/model.gguf"))
    #expect(engine.state == .stopped)
    engine.close()
    #expect(bench.witness.all.count == 2)
    #expect(bench.folder.read("engine.log")?.contains("/no/such/model.gguf") == true)
  }

  @Test("says of a command that it has done its work, or not", arguments: [true, false])
  func saysWhetherDone(isDone: Bool) async throws {
    let bench = try Bench()
    let engine = try bench.engine([isDone ? "true" : "false"])
    engine.start()
    let reason = "it ended with exit code \(isDone ? 0 : 1)"
    #expect(try await bench.witness.wait(for: [.started, .ended(reason: reason, isDone: isDone)]))
    engine.close()
  }

  @Test("refuses what can't be run", arguments: ["no-such-engine", "/etc/passwd", "/etc", ""])
  func refusesWhatIsNoProgram(name: String) async throws {
    let bench = try Bench()
    let engine = try bench.engine([name])
    engine.start()
    #expect(try await ProcessWitness.wait { !bench.witness.all.isEmpty })
    let reason = "\(name) is not there or can't be run: name its path"
    #expect(bench.witness.all == [.failed(reason: reason)])
    engine.close()
    #expect(engine.state == .stopped)
  }

  @Test("kills one that does not end when it is asked to")
  func killsTheStubborn() async throws {
    let bench = try Bench()
    let command = ["env", "--ignore-signal=TERM", "sleep", bench.mark]
    let engine = try bench.engine(command) { $0.stopMilliseconds = 50 }
    engine.start()
    // By then it ignores the signal.
    #expect(
      try await ProcessWitness.wait {
        bench.processes.contains { ProcessWitness.text("/proc/\($0.number)/comm") == "sleep\n" }
      })
    engine.stop()
    let ended = EngineProcess.Event.ended(reason: "it was ended by signal 9", isDone: false)
    #expect(try await bench.witness.wait(for: [.started, ended]))
    #expect(bench.processes.isEmpty)
  }

  @Test("ends what the engine has started, in its group or out of it", arguments: [false, true])
  func endsItsChildren(isApart: Bool) async throws {
    let bench = try Bench()
    let child = ["sleep", bench.mark]
    let command = ["timeout", "--foreground", "3600"] + (isApart ? ["setsid", "-w"] : []) + child
    let engine = try bench.engine(command) { $0.stopMilliseconds = 1000 }
    engine.start()
    #expect(
      try await ProcessWitness.wait {
        bench.processes.contains { ProcessWitness.text("/proc/\($0.number)/comm") == "sleep\n" }
      })
    engine.stop()
    #expect(try await ProcessWitness.wait { engine.state == .stopped })
    #expect(bench.processes.isEmpty)
  }

  @Test("stands and goes on, with all it has started")
  func freezes() async throws {
    let bench = try Bench()
    let engine = try bench.engine(["timeout", "--foreground", "3600", "sleep", bench.mark])
    engine.freeze()
    engine.thaw()
    engine.start()
    #expect(try await ProcessWitness.wait { bench.processes.count == 2 })
    engine.freeze()
    #expect(try await bench.witness.wait(for: [.started, .frozen]))
    #expect(engine.state == .frozen)
    #expect(bench.processes.map(\.state) == ["T", "T"])
    engine.thaw()
    #expect(try await bench.witness.wait(for: [.started, .frozen, .thawed]))
    #expect(bench.processes.allSatisfy { $0.state != "T" })
    engine.freeze()
    #expect(try await bench.witness.wait(for: [.started, .frozen, .thawed, .frozen]))
    engine.stop()
    #expect(try await ProcessWitness.wait { engine.state == .stopped })
    #expect(bench.processes.isEmpty)
  }

  @Test("keeps the end of what an engine says, in files of bounded size")
  func boundsItsLog() async throws {
    let bench = try Bench()
    let engine = try bench.engine(["yes", bench.mark]) { $0.logBytes = 65_536 }
    engine.start()
    #expect(try await ProcessWitness.wait { bench.folder.read("engine.log.1") != nil })
    engine.stop()
    #expect(try await ProcessWitness.wait { engine.state == .stopped })
    engine.close()
    for name in ["engine.log", "engine.log.1"] {
      let size = bench.folder.read(name)?.utf8.count ?? -1
      #expect((1...65_536).contains(size), "\(name): \(size)")
    }
    #expect(ScratchFolder.names(bench.folder.path) == ["engine.log", "engine.log.1"])
    #expect(bench.witness.reasons == ["it was ended by signal 15: \(bench.mark)"])
  }

  @Test("gives an engine none of the node's open files")
  func keepsItsFiles() async throws {
    let bench = try Bench()
    let engine = try bench.engine(["ls", "-l", "/proc/self/fd"])
    engine.start()
    #expect(try await ProcessWitness.wait { bench.witness.all.count == 2 })
    let files = (bench.folder.read("engine.log") ?? "").split(separator: "\n").filter {
      $0.contains(" -> ")
    }
    // 0 to 2, and the folder that ls itself has open.
    #expect(files.count == 4, "\(files)")
  }

  @Test("ends what a node that was killed has left running")
  func endsPredecessor() async throws {
    let bench = try Bench()
    let first = try bench.engine(["sleep", bench.mark])
    first.start()
    #expect(try await bench.witness.wait(for: .started))
    let heir = ProcessWitness()
    // It finds the record of the first as if the first were gone.
    let second = try EngineProcess(.command(["true"]), directory: bench.folder.path) {
      heir.add($0)
    }
    let reason = "it was left by an earlier start of the node"
    #expect(try await heir.wait(for: .ended(reason: reason, isDone: false)))
    #expect(bench.processes.isEmpty)
    #expect(bench.folder.read("engine.process") == nil)
    second.close()
  }

  @Test("leaves a process alone that only has the number of an earlier engine")
  func sparesStrangers() async throws {
    let bench = try Bench()
    let stranger = try bench.engine(["sleep", bench.mark])
    stranger.start()
    #expect(
      try await ProcessWitness.wait {
        bench.folder.read("engine.process")?.contains(" 0 0\n") == false
      })
    let words = (bench.folder.read("engine.process") ?? "").split(separator: " ")
    let number = try #require(words.count == 4 ? words[2] : nil)
    let start = try #require(Int64(words[3].dropLast()))
    let other = try ScratchFolder()
    let mark = String(repeating: "a", count: 32)
    try other.write("\(mark) \(words[1]) \(number) \(start - 1)\n", to: "engine.process")
    let engine = try EngineProcess(.command(["true"]), directory: other.path) { _ in }
    #expect(try await ProcessWitness.wait { engine.state == .stopped })
    engine.close()
    #expect(bench.processes.count == 1)
    #expect(other.read("engine.process") == nil)
    stranger.close()
  }
}
