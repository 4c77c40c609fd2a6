import Quantities
import Sealing

/// What a household lets its neighbours compute here. Nothing, until it lists a model.
public struct ComputingPolicy: Hashable, Sendable {
  /// A model that neighbours may use.
  public struct Model: Hashable, Sendable {
    /// What the engine calls it.
    public var name: String
    /// SHA-256 of its file: what neighbours ask for it by.
    public var digest: Digest
    /// The least that the household takes for a million output tokens.
    public var price: TokenPrice

    public init(name: String, digest: Digest, price: TokenPrice) {
      self.name = name
      self.digest = digest
      self.price = price
    }
  }

  /// An engine reads about so many times as many tokens a second as it writes, and so many bytes of
  /// text are a token: what prompts are reckoned by, as nobody counts their tokens before.
  static let promptSpeed: Int64 = 8
  static let bytesPerToken: Int64 = 4
  /// The most bytes of work for each output token that is paid at most. Prompts have no price of
  /// their own; with so many, reading takes some eight times as long as writing the answers.
  public static let mostBytesPerToken: Int64 = 256
  /// How far away a job's deadline may be: until then it takes one of the places for jobs.
  public static let farthestDeadline = TimeSpan.day + TimeSpan.day

  public var models: [Model]
  /// The most of one neighbour's job.
  public var mostRequests: Int64
  /// In bytes.
  public var mostLength: Int64
  public var mostTokens: Int64
  /// How long one may take on the engine.
  public var longest: TimeSpan
  /// Jobs of neighbours' that are taken at a time.
  public var mostJobs: Int
  /// Output tokens a second, all requests together, until jobs have shown how fast the engine is.
  public var tokensPerSecond: Int64

  public init(
    models: [Model] = [], mostRequests: Int64 = 1000, mostLength: Int64 = 10_000_000,
    mostTokens: Int64 = 1_000_000, longest: TimeSpan = TimeSpan(minutes: 8 * 60),
    mostJobs: Int = 2, tokensPerSecond: Int64 = 10
  ) {
    self.models = models
    self.mostRequests = mostRequests
    self.mostLength = mostLength
    self.mostTokens = mostTokens
    self.longest = longest
    self.mostJobs = mostJobs
    self.tokensPerSecond = tokensPerSecond
  }

  /// The listed model of this digest.
  public func model(_ digest: Digest) -> Model? { models.first { $0.digest == digest } }

  /// How long work of so many bytes, answered in so many tokens, takes on the engine.
  func duration(of tokens: Int64, length: Int64) -> TimeSpan {
    let all = tokens + length / (Self.bytesPerToken * Self.promptSpeed)
    return TimeSpan(seconds: (all + tokensPerSecond - 1) / max(1, tokensPerSecond))
  }
}
