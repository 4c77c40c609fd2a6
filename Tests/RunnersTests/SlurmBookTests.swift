import Planning
import Quantities
import Testing

@testable import Runners

/// What follows from the node's wish and what the queue shows; no Slurm, no clock.
struct SlurmBookTests {
  static let job = JobNumber(3)
  static let folder = "evening-ab12cd34"

  /// A book to be asked in expectations.
  final class Bench {
    var book: SlurmBook

    init(_ mode: SlurmSettings.Mode = .requeue) {
      book = SlurmBook(
        settings: SlurmSettings(node: "amani", mode: mode, claimMilliseconds: 60_000))
    }

    func take(
      _ rows: [SlurmRow], finished: Set<JobNumber> = [], at now: Int64 = 0
    ) -> [SlurmOrder] { book.take(rows, finished: finished, at: now) }

    func isOnceTooOften(_ order: SlurmOrder) -> Bool { book.refused(order) }
  }

  static func row(
    _ phase: SlurmRow.Phase, _ identifier: Int64 = 17, job: JobNumber = job,
    folder: String = folder, reason: String = "None", seconds: Int64 = 0
  ) -> SlurmRow {
    SlurmRow(
      identifier: identifier, name: SlurmJobName(node: "amani", job: job, folder: folder),
      phase: phase, reason: reason, elapsed: TimeSpan(seconds: seconds))
  }

  static func wished(
    _ wish: SlurmBook.Wish, _ mode: SlurmSettings.Mode = .requeue
  ) -> Bench {
    let bench = Bench(mode)
    _ = bench.book.wish(wish, for: job, folder: folder)
    return bench
  }

  @Test(
    "orders what differs from the wish, and nothing where it is so",
    arguments: [
      (.prepared, .requeue, nil, .submit(job)), (.prepared, .requeue, .held, nil),
      (.prepared, .requeue, .waiting, .hold(job, 17)),
      (.prepared, .requeue, .running, .requeue(job, 17)),
      (.running, .requeue, nil, .submit(job)), (.running, .requeue, .held, .release(job, 17)),
      (.running, .requeue, .waiting, nil), (.running, .requeue, .running, nil),
      (.running, .requeue, .leaving, nil), (.running, .requeue, .suspended, nil),
      (.running, .suspend, .suspended, .resume(job, 17)),
      (.running, .suspend, .held, .release(job, 17)), (.paused, .requeue, nil, nil),
      (.paused, .requeue, .held, nil), (.paused, .requeue, .waiting, .hold(job, 17)),
      (.paused, .requeue, .running, .requeue(job, 17)), (.paused, .requeue, .leaving, nil),
      (.paused, .requeue, .suspended, .requeue(job, 17)),
      (.paused, .suspend, .running, .suspend(job, 17)), (.paused, .suspend, .suspended, nil),
      (.cancelled, .requeue, .running, .cancel(job, 17)),
      (.cancelled, .requeue, .held, .cancel(job, 17)), (.cancelled, .requeue, .leaving, nil),
      (.cancelled, .requeue, nil, nil),
    ] as [(SlurmBook.Wish, SlurmSettings.Mode, SlurmRow.Phase?, SlurmOrder?)])
  func orders(
    wish: SlurmBook.Wish, mode: SlurmSettings.Mode, phase: SlurmRow.Phase?, order: SlurmOrder?
  ) {
    let bench = Self.wished(wish, mode)
    let rows = phase.map { [Self.row($0)] } ?? []
    #expect(bench.take(rows) == (order.map { [$0] } ?? []))
  }

  @Test(
    "takes a finished job out of the queue, unless it ends by itself",
    arguments: [
      (.held, .cancel(job, 17)), (.waiting, .cancel(job, 17)), (.suspended, .cancel(job, 17)),
      (.running, nil), (.leaving, nil), (nil, nil),
    ] as [(SlurmRow.Phase?, SlurmOrder?)],
    [.running, .paused, .prepared] as [SlurmBook.Wish])
  func finished(expected: (SlurmRow.Phase?, SlurmOrder?), wish: SlurmBook.Wish) {
    let bench = Self.wished(wish)
    let rows = expected.0.map { [Self.row($0)] } ?? []
    let orders = bench.take(rows, finished: [Self.job])
    #expect(orders == (expected.1.map { [$0] } ?? []))
  }

  @Test("gives the same order again until it is so")
  func repeated() {
    let bench = Self.wished(.running)
    for _ in 1...3 {
      #expect(bench.take([Self.row(.held)]) == [.release(Self.job, 17)])
    }
    #expect(bench.take([Self.row(.waiting)]).isEmpty)
  }

  @Test("looks for how a job ended before it submits another, and submits what Slurm forgot")
  func absent() {
    let bench = Self.wished(.running)
    #expect(bench.take([Self.row(.running)]).isEmpty)
    #expect(bench.take([]) == [.examine(Self.job, 17)])
    let failed = Bench()
    failed.book = bench.book
    bench.book.ended(Self.job, .unknown, ending: nil, booking: nil)
    #expect(bench.take([]) == [.submit(Self.job)])
    failed.book.ended(Self.job, .failed, ending: nil, booking: nil)
    #expect(failed.take([]).isEmpty)
    #expect(failed.book.entry(Self.job)?.isFeeding == false)
  }

  @Test("keeps one of two jobs of one name: the running one, else the older")
  func twice() {
    let bench = Self.wished(.running)
    let rows = [Self.row(.held, 17), Self.row(.running, 18)]
    #expect(bench.take(rows) == [.cancel(Self.job, 17)])
    let other = Self.wished(.prepared)
    let held = [Self.row(.held, 17), Self.row(.held, 18)]
    #expect(other.take(held) == [.cancel(Self.job, 18)])
  }

  @Test("holds a job that Slurm refuses three times in a row, or holds back itself")
  func refused() {
    let bench = Self.wished(.running)
    let release = SlurmOrder.release(Self.job, 17)
    for _ in 1...2 { #expect(!bench.isOnceTooOften(release)) }
    bench.book.obeyed(release)
    for _ in 1...2 { #expect(!bench.isOnceTooOften(release)) }
    #expect(bench.isOnceTooOften(release))
    #expect(bench.book.entry(Self.job)?.wish == .paused)
    let other = Self.wished(.running)
    let failed = Self.row(.held, reason: "launch failed requeued held")
    // From before this wish: it is tried once more.
    #expect(other.take([failed]) == [release])
    #expect(other.book.objections().isEmpty)
    other.book.obeyed(release)
    #expect(other.take([failed]).isEmpty)
    #expect(other.book.objections().map(\.reason) == ["launch failed requeued held"])
  }

  @Test("leaves jobs of an earlier life a while to be claimed, then brings them to rest")
  func unclaimed() {
    let bench = Bench()
    let rows = [Self.row(.running), Self.row(.held, 18, job: JobNumber(4))]
    #expect(bench.take(rows, at: 1_000).isEmpty)
    #expect(!bench.book.isAtRest)
    #expect(bench.take(rows, at: 60_999).isEmpty)
    #expect(bench.take(rows, at: 61_000) == [.requeue(Self.job, 17)])
    let claiming = Bench()
    #expect(claiming.take(rows, at: 1_000).isEmpty)
    _ = claiming.book.wish(.running, for: Self.job, folder: Self.folder)
    #expect(claiming.take(rows, at: 100_000).isEmpty)
    #expect(claiming.book.entry(Self.job)?.identifier == 17)
  }

  @Test("adds up a job's runs, and takes Slurm's own sum where it is more")
  func account() throws {
    let bench = Self.wished(.running)
    let looks: [(SlurmRow.Phase, Int64)] = [
      (.waiting, 0), (.running, 1), (.running, 9), (.leaving, 9), (.held, 0), (.waiting, 0),
      (.running, 4), (.suspended, 5), (.running, 7),
    ]
    for (phase, seconds) in looks {
      _ = bench.take([Self.row(phase, seconds: seconds)])
    }
    let account = try #require(bench.book.entry(Self.job)?.account)
    #expect(account.elapsed == TimeSpan(seconds: 16))
    #expect(account.runs == 2)
    #expect(account.state == "runs")
    let ending = SlurmEnding(
      state: "COMPLETED", code: "0:0", reason: "None", elapsed: TimeSpan(seconds: 8))
    bench.book.ended(Self.job, .done, ending: ending, booking: nil)
    #expect(bench.book.entry(Self.job)?.account?.elapsed == TimeSpan(seconds: 17))
    #expect(bench.book.entry(Self.job)?.account?.state == "done")
  }

  @Test("is at rest when every job is as it is wanted and stays so")
  func rest() {
    let bench = Self.wished(.prepared)
    #expect(!bench.book.isAtRest)
    _ = bench.take([Self.row(.held)])
    #expect(bench.book.isAtRest)
    bench.book.wish(.running, for: Self.job)
    #expect(!bench.book.isAtRest)
  }

  @Test("means another job when the folder is another, whatever its number")
  func renumbered() {
    let bench = Self.wished(.running)
    _ = bench.book.wish(.prepared, for: Self.job, folder: "morning-00112233")
    let orders = bench.take([Self.row(.held)])
    #expect(orders == [.submit(Self.job)])
    #expect(bench.book.entries.count == 1)
  }
}
