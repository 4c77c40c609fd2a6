import Ledger
import Quantities
import Runners
import Sealing

/// What neighbours may compute here, and what this household may have computed there.
extension Configuration {
  /// The section `market.computing`.
  public struct Computing: Sendable, Hashable {
    /// A model and the digest that it goes by between neighbours.
    public struct Model: Sendable, Hashable {
      /// What the engine and batch files call it, 1 to 64 bytes.
      public var name: String
      /// SHA-256 of its file, 64 hexadecimal digits (`sha256sum model.gguf`).
      public var digest: Digest
      /// The least that a million output tokens cost a neighbour, credits; absent: neighbours are
      /// asked to compute it and it is offered to none.
      public var price: TokenPrice?
      /// Its file, whose digest is checked when the node starts; absent: the digest is believed.
      public var file: String?
    }

    /// At most 16.
    public var models: [Model] = []
    /// The most of one neighbour's job: requests, 1 to 50,000. Default 1000.
    public var mostRequests: Int64 = 1000
    /// Bytes, 1 to 100,000,000. Default 10,000,000.
    public var mostBytes: Int64 = 10_000_000
    /// Output tokens, 1 to 1,000,000,000. Default 1,000,000.
    public var mostTokens: Int64 = 1_000_000
    /// Hours on the engine, 1 to 48. Default 8.
    public var longest = TimeSpan(minutes: 8 * 60)
    /// Neighbours' jobs at a time, 1 to 16. Default 2.
    public var mostJobs: Int64 = 2
    /// Output tokens a second, all requests together, 1 to 1,000,000. Default 10.
    public var tokensPerSecond: Int64 = 10
  }

  static func computing(
    _ reader: inout ConfigurationReader
  ) throws(ConfigurationError) -> Computing? {
    guard var entry = try reader.object("computing") else { return nil }
    var computing = Computing()
    for var model in try entry.objects("models", atMost: 16) {
      computing.models.append(try self.model(&model, earlier: computing.models))
    }
    if let number = try entry.integer("mostRequests", in: 1...ComputingTerms.maximumRequests) {
      computing.mostRequests = number
    }
    if let number = try entry.integer("mostBytes", in: 1...100_000_000, unit: "bytes") {
      computing.mostBytes = number
    }
    if let number = try entry.integer(
      "mostTokens", in: 1...ComputingTerms.maximumTokens, unit: "tokens")
    {
      computing.mostTokens = number
    }
    if let hours = try entry.integer("longestHours", in: 1...48, unit: "hours") {
      computing.longest = TimeSpan(minutes: hours * 60)
    }
    if let number = try entry.integer("mostJobs", in: 1...16) { computing.mostJobs = number }
    if let number = try entry.integer("tokensPerSecond", in: 1...1_000_000, unit: "tokens") {
      computing.tokensPerSecond = number
    }
    try entry.finish()
    return computing
  }

  private static func model(
    _ entry: inout ConfigurationReader, earlier: [Computing.Model]
  ) throws(ConfigurationError) -> Computing.Model {
    let name = try entry.requiredText("name", "what the engine calls the model")
    guard (1...64).contains(name.utf8.count) else {
      throw entry.error("name", "expected 1 to 64 bytes, found \(name.utf8.count)")
    }
    let expected = "64 hexadecimal digits (sha256sum of the model's file)"
    let text = try entry.requiredText("sha256", expected)
    guard let digest = Digest(hexadecimal: text) else {
      throw entry.error("sha256", "expected \(expected), found \(text.count) characters")
    }
    guard !earlier.contains(where: { $0.name == name }) else {
      throw entry.error("name", "\(name.prefix(40)) is an earlier model's: expected each once")
    }
    guard !earlier.contains(where: { $0.digest == digest }) else {
      throw entry.error("sha256", "is an earlier model's: expected each once")
    }
    let most = TokenPrice.maximum.rawValue
    let price = try entry.thousandths(
      "price", in: 0...most, unit: "credits per million output tokens")
    let file = try directory("file", &entry)
    try entry.finish()
    return Computing.Model(
      name: name, digest: digest,
      price: price.map { TokenPrice(millicreditsPerMillionTokens: $0) }, file: file)
  }

  /// What neighbours may use, less the models whose files are others than their digests say; a
  /// line about each of those.
  package func computingPolicy(say: (String) -> Void) -> ComputingPolicy {
    guard let computing = market.computing, jobs?.engine != nil || jobs?.slurm != nil else {
      return ComputingPolicy()
    }
    let cache = dataDirectory + "/" + ModelFile.cacheName
    var models: [ComputingPolicy.Model] = []
    for model in computing.models {
      guard let price = model.price else { continue }
      if let file = model.file {
        do {
          let found = try ModelFile(path: file).digest(cache: cache)
          guard found == model.digest else {
            say(
              "model \(model.name) is not offered: \(file) has the digest \(found.hexadecimal), "
                + "not the one in market.computing.models")
            continue
          }
        } catch {
          say("model \(model.name) is not offered: \(error)")
          continue
        }
      }
      models.append(.init(name: model.name, digest: model.digest, price: price))
    }
    return ComputingPolicy(
      models: models, mostRequests: computing.mostRequests, mostLength: computing.mostBytes,
      mostTokens: computing.mostTokens, longest: computing.longest,
      mostJobs: Int(computing.mostJobs), tokensPerSecond: computing.tokensPerSecond)
  }

  /// What the desk for neighbours' work is told; nil where the household names no models.
  var neighbourWork: NeighbourWork.Settings? {
    guard let computing = market.computing else { return nil }
    return NeighbourWork.Settings(
      jobsDirectory: jobs?.directory ?? dataDirectory + "/jobs",
      power: jobs?.power ?? Jobs(directory: "").power,
      models: computing.models.map { NeighbourWork.Model(name: $0.name, digest: $0.digest) },
      mostLength: computing.mostBytes, engine: jobs?.engine)
  }
}
