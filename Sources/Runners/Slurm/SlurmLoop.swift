import Glibc
import Planning
import Quantities

/// What the Slurm runner's thread does: look at the queue, order, count, tell. Never leaves it.
final class SlurmLoop {
  /// With everything at rest the queue is looked at this often.
  private static let calmMilliseconds: Int64 = 60_000
  /// After an order the queue is looked at again no later than this.
  private static let settleMilliseconds: Int64 = 1_000

  private let settings: SlurmSettings
  private let client: SlurmClient
  private let desk: SlurmDesk
  private let waker: Waker
  private let handler: @Sendable (RunnerEvent) -> Void
  private var book: SlurmBook
  private var link: SlurmLink
  private var tallies: [JobNumber: ResultsTally] = [:]
  private var powers: [JobNumber: Power] = [:]
  private var told: [JobNumber: JobProgress] = [:]
  /// Jobs whose files are closed once they have left the queue, and why.
  private var endings: [JobNumber: JobEnding] = [:]
  /// False once Slurm said that it keeps no accounts.
  private var keepsAccounts = true
  private var hasOrdered = false

  init(
    settings: SlurmSettings, jobsDirectory: String, desk: SlurmDesk, waker: Waker,
    handler: @escaping @Sendable (RunnerEvent) -> Void
  ) {
    self.settings = settings
    self.desk = desk
    self.waker = waker
    self.handler = handler
    client = SlurmClient(
      settings: settings, jobsDirectory: jobsDirectory, isGivenUp: { desk.isStopping })
    book = SlurmBook(settings: settings)
    link = SlurmLink(settings: settings)
  }

  /// Runs until the desk says stop.
  func run() {
    while let wishes = desk.take() {
      for (job, wish) in wishes { note(wish, for: job) }
      count()
      tell()
      look()
      tell()
      desk.publish(book.entries.compactMap { entry in entry.account.map { (entry.job, $0) } })
      wait()
    }
  }

  private func wait() {
    var time = settings.pollMilliseconds
    if hasOrdered {
      time = min(time, Self.settleMilliseconds)
    } else if link.isAnswering, book.isAtRest {
      time = Self.calmMilliseconds
    }
    var wait = pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0)
    if poll(&wait, 1, Int32(time)) > 0 { waker.clear() }
  }

  // MARK: Wishes

  private func note(_ wish: SlurmDesk.Wish, for job: JobNumber) {
    switch wish {
    case .prepare(let folder, let power):
      powers[job] = power
      open(job, folder, .prepared)
    case .start(let folder): open(job, folder, .running)
    case .pause: book.wish(.paused, for: job)
    case .cancel: book.wish(.cancelled, for: job)
    case .close(let folder, let ending):
      endings[job] = ending
      open(job, folder, .cancelled)
    }
    told[job] = nil
  }

  private func open(_ job: JobNumber, _ folder: String, _ wish: SlurmBook.Wish) {
    do throws(RunnerError) {
      guard SlurmJobName.isFolder(folder) else {
        throw RunnerError(.storage, "\(SystemText.printable(folder, limit: 40)) is no job's folder")
      }
      if book.entry(job)?.folder != folder || tallies[job] == nil {
        tallies[job] = try ResultsTally(path: path(of: folder))
      }
      guard book.wish(wish, for: job, folder: folder) else {
        throw RunnerError(.system, "\(SlurmBook.mostEntries) jobs are with Slurm already")
      }
    } catch {
      handler(.held(job, reason: error.message))
    }
  }

  private func path(of folder: String) -> String { client.jobsDirectory + "/" + folder }

  // MARK: Counting and telling

  private func count() {
    for entry in book.entries { tallies[entry.job]?.refresh() }
  }

  private func isFinished(_ job: JobNumber) -> Bool { tallies[job]?.isFinished ?? false }

  private func tell() {
    for entry in book.entries {
      guard let tally = tallies[entry.job] else { continue }
      let progress = JobProgress(
        job: entry.job, completed: tally.completed, failed: tally.failed,
        inFlight: entry.isAtWork ? 1 : 0, completionTokens: tally.completionTokens,
        feeding: entry.isFeeding && !tally.isFinished, isClosed: tally.isFinished)
      guard told[entry.job] != progress else { continue }
      told[entry.job] = progress
      handler(.progress(progress))
    }
  }

  private func forget(_ job: JobNumber) {
    book.remove(job)
    tallies[job] = nil
    powers[job] = nil
    told[job] = nil
    endings[job] = nil
  }

  /// Closes the files of a job that has left the queue.
  private func close(_ entry: SlurmBook.Entry, _ ending: JobEnding) {
    do throws(RunnerError) {
      let batch = try BatchJob(number: entry.job, path: path(of: entry.folder))
      try batch.close(ending)
      handler(.progress(batch.progress(continues: false)))
    } catch {
      handler(.held(entry.job, reason: error.message))
    }
  }

  // MARK: Slurm

  private func look() {
    hasOrdered = false
    let asked = SystemText.monotonicMilliseconds()
    do throws(SlurmClient.Refusal) {
      let rows = try client.rows()
      if let news = link.answered() { handler(.engine(news)) }
      // Counted after the listing: what has left the queue has written all it could.
      count()
      let finished = book.entries.map(\.job).filter(isFinished)
      for order in book.take(rows, finished: Set(finished), at: SystemText.monotonicMilliseconds())
      where !desk.isStopping {
        perform(order)
      }
      for (job, reason) in book.objections() { hold(job, "Slurm holds it back: \(reason)") }
      settle()
    } catch {
      guard !desk.isStopping else { return }
      let now = SystemText.monotonicMilliseconds()
      if let news = link.failed(error.words, asked: asked, at: now) { handler(.engine(news)) }
    }
  }

  private func perform(_ order: SlurmOrder) {
    hasOrdered = true
    do throws(SlurmClient.Refusal) {
      switch order {
      case .submit(let job): try submit(job)
      case .examine(let job, let number): try examine(job, number)
      default:
        try client.perform(order)
        book.obeyed(order)
      }
    } catch {
      if !desk.isStopping, book.refused(order) { hold(order.job, "Slurm: \(error.words)") }
    }
  }

  private func submit(_ job: JobNumber) throws(SlurmClient.Refusal) {
    guard let entry = book.entry(job) else { return }
    let name = SlurmJobName(node: settings.node, job: job, folder: entry.folder)
    let power = powers[job] ?? SlurmFiles.power(in: path(of: entry.folder)) ?? settings.power
    let number = try client.submit(name, power: power)
    book.submitted(job, as: number)
    guard entry.wish == .running else { return }
    let release = SlurmOrder.release(job, number)
    try client.perform(release)
    book.obeyed(release)
  }

  private func examine(_ job: JobNumber, _ number: Int64) throws(SlurmClient.Refusal) {
    guard let entry = book.entry(job) else { return }
    let name = SlurmJobName(node: settings.node, job: job, folder: entry.folder)
    let shown = try client.show(number).flatMap { SlurmEnding(shown: $0, name: name) }
    if let shown, shown.isLive { return }
    let booking = booking(number, name)
    let ending = shown ?? booking?.ending
    tallies[job]?.refresh()
    var verdict = SlurmBook.Verdict.unknown
    if isFinished(job) {
      verdict = .done
    } else if let ending, entry.wish == .running || entry.wish == .prepared {
      verdict = .failed
      let words = SlurmFiles.lastWords(in: path(of: entry.folder)).map { ": " + $0 } ?? ""
      hold(job, "Slurm job \(number) \(ending.words)\(words)")
    }
    book.ended(job, verdict, ending: ending, booking: booking)
  }

  private func booking(_ number: Int64, _ name: SlurmJobName) -> SlurmBooking? {
    guard keepsAccounts else { return nil }
    do throws(SlurmClient.Refusal) {
      return SlurmBooking(try client.account(number), identifier: number, name: name)
    } catch {
      if error.words.contains("accounting storage is disabled") { keepsAccounts = false }
      return nil
    }
  }

  /// Tells why a job rests until it is asked for again.
  private func hold(_ job: JobNumber, _ reason: String) {
    tell()
    book.wish(.paused, for: job)
    handler(.held(job, reason: SystemText.printable(reason, limit: 200)))
    tell()
  }

  /// Lets go of what needs no more looking after: it is neither in the queue nor wanted there.
  private func settle() {
    for entry in book.entries where entry.identifier == nil {
      let isDone = isFinished(entry.job) || entry.wish == .paused || entry.wish == .cancelled
      guard isDone else { continue }
      if let account = entry.account { desk.publish([(entry.job, account)]) }
      if let ending = endings[entry.job] { close(entry, ending) } else { tell() }
      forget(entry.job)
    }
  }
}
