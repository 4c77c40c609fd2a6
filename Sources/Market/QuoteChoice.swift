import Quantities
import Sealing

/// Which provider a household lets compute a job, and why.
///
/// Each quote is worth what can be expected of it: the results' worth if they come in time, half
/// of it if they come late, nothing if they never come or are wrong, less the price where one is
/// owed. The chances are the household's own counts, begun as though a stranger had done two jobs
/// in time, one late and one never, and had eight audits passed and one failed: enough that a
/// stranger gets a try, little enough that ten jobs say more.
///
///     inTime = (2 + in time) / (4 + jobs)      late = (1 + late) / (4 + jobs)
///     right  = (8 + passed) / (9 + passed + 10 × failed)
///
/// A failed audit counts tenfold against the provider: one wrong result that was caught stands for
/// those that were not. The greatest expected gain wins; on a tie the earlier finish, then the
/// lower price, then the identity. Integers only, so every machine chooses the same.
public struct QuoteChoice: Hashable, Sendable {
  public let quote: ComputingQuote
  /// What can be expected of it: worth less price, by their chances; > 0.
  public let expectedGain: Credits
  /// How many other quotes were in question.
  public let others: Int
  /// One line of at most `maximumReason` characters.
  public let reason: String

  /// What a job's results are worth, and by when.
  public struct Job: Hashable, Sendable {
    /// What they are worth to the household in time: the most that it would pay.
    public let worth: Credits
    public let deadline: Instant

    public init(worth: Credits, deadline: Instant) {
      self.worth = worth
      self.deadline = deadline
    }
  }

  /// What an SMS holds.
  public static let maximumReason = 160
  /// The most of a name that a reason shows.
  static let maximumName = 20

  /// Chooses among `quotes`; nil when none is worth taking.
  ///
  /// Left out are quotes dearer than the job is worth and those that promise to be done after its
  /// deadline.
  ///
  /// - Parameters:
  ///   - experience: what this household has seen of a provider; empty for a stranger.
  ///   - name: what this household calls a provider.
  public static func choose(
    among quotes: [ComputingQuote], for job: Job, at now: Instant,
    experience: (PublicKey) -> ProviderExperience, name: (PublicKey) -> String
  ) -> QuoteChoice? {
    let fitting = quotes.filter {
      $0.price >= .zero && $0.price <= job.worth && $0.finish <= job.deadline
    }
    let ranked = fitting.map { quote in
      let seen = experience(quote.provider)
      return Candidate(
        quote: quote, gain: expectedGain(of: quote, job, seen), seen: seen,
        name: String(name(quote.provider).prefix(maximumName)))
    }.sorted { $0.isBetter(than: $1) }
    guard let best = ranked.first, best.gain > .zero else { return nil }
    var reason = best.text(at: now)
    if let second = ranked.first(where: { $0.quote.provider != best.quote.provider }) {
      let rest = "; before \(second.text(at: now))"
      if reason.count + rest.count <= maximumReason { reason += rest }
    }
    return QuoteChoice(
      quote: best.quote, expectedGain: best.gain, others: ranked.count - 1,
      reason: String(reason.prefix(maximumReason)))
  }

  /// What can be expected of a quote, in millicredits, rounded down; negative when a stranger to
  /// it would do better not to ask.
  public static func expectedGain(
    of quote: ComputingQuote, _ job: Job, _ experience: ProviderExperience
  ) -> Credits {
    let counts = experience.bounded
    let jobs = Int128(4 + counts.jobs)
    let right = Int128(8 + counts.auditsPassed)
    let audits: Int128 = right + 1 + 10 * Int128(counts.auditsFailed)
    let worth: Int128 = Int128(job.worth.rawValue) * right
    let price: Int128 = Int128(quote.price.rawValue) * audits
    // Twice everything, so that half of the worth is whole; over jobs × audits.
    let inTime: Int128 = 2 * Int128(2 + counts.inTime) * (worth - price)
    let late: Int128 = Int128(1 + counts.late) * (worth - 2 * price)
    let sum: Int128 = inTime + late
    let over = 2 * jobs * audits
    let down = sum < 0 && sum % over != 0 ? sum / over - 1 : sum / over
    return Credits(rawValue: Int64(clamping: down))
  }
}

extension ProviderExperience {
  /// Held within what counts at most, each.
  fileprivate var bounded: ProviderExperience {
    func held(_ count: Int64) -> Int64 { min(max(count, 0), Self.maximumCount) }
    return ProviderExperience(
      inTime: held(inTime), late: held(late), failed: held(failed),
      auditsPassed: held(auditsPassed), auditsFailed: held(auditsFailed))
  }
}

/// A quote with what is known of its provider.
private struct Candidate {
  let quote: ComputingQuote
  let gain: Credits
  let seen: ProviderExperience
  let name: String

  func isBetter(than other: Candidate) -> Bool {
    if gain != other.gain { return gain > other.gain }
    let (mine, its) = (quote, other.quote)
    return (mine.finish, mine.price, mine.identity) < (its.finish, its.price, its.identity)
  }

  /// "ana: 3.00 cr, done in 40 min, 18 of 20 jobs in time".
  func text(at now: Instant) -> String {
    let minutes = max(0, quote.finish.since(now).milliseconds) / 60_000
    let time = minutes < 120 ? "\(minutes) min" : "\(minutes / 60) h"
    return "\(name): \(quote.price.text) cr, done in \(time), \(record)"
  }

  private var record: String {
    if seen.auditsFailed > 0 {
      return "\(seen.auditsFailed) of \(seen.auditsPassed + seen.auditsFailed) audits failed"
    }
    return seen.jobs == 0 ? "new here" : "\(seen.inTime) of \(seen.jobs) jobs in time"
  }
}
