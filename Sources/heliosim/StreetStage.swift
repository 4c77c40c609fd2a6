import Glibc
import Hardware
import Quantities
import Runners
import Simulation

/// Everything that the street needs before its nodes are started.
struct StreetStage {
  let directory: StreetDirectory
  let daemon: String
  let houses: [HouseServer]
  let nodes: [StreetNode]
  let standIn: StandInEngine?
  let engineName: String
  let batches: [StreetBatch]
  let clock: StreetClock

  init(_ options: StreetOptions, weather: Weather) throws(StreetError) {
    let names = HousePlan.presets
    daemon = try StreetStage.daemon(options.binaries)
    let profiles = try StreetProfiles.folder(options.profiles)
    let library = try StreetProfiles.library(options.profiles)
    let directory = try StreetDirectory(options.directory, houses: names)
    self.directory = directory
    let startsAt = StreetClock.midnight + TimeSpan(minutes: options.fromMinute)
    var houses: [HouseServer] = []
    for name in names {
      houses.append(
        try HouseServer(
          preset: name, port: 0, seed: options.seed, at: startsAt, weather: weather,
          profiles: library))
    }
    self.houses = houses
    let ports = try StreetSystem.freePorts(names.count)
    nodes = zip(names, ports).map { name, port in
      // Its journal grows all day: only those that are killed have such a disk.
      let isKilled = options.kills.contains { $0.house == name }
      return StreetNode(
        name: name, folder: directory.folder(name), port: port,
        disk: isKilled ? options.disk : nil)
    }
    let engineAddress: String
    let model: String
    switch options.engine {
    case .standIn:
      let engine = try StreetStage.standIn(speed: options.speed)
      standIn = engine
      engineAddress = "http://127.0.0.1:\(engine.port)"
      engineName = "stand-in, no model"
      model = options.model.isEmpty ? "stand-in" : options.model
    case .endpoint(let address):
      standIn = nil
      engineAddress = address
      engineName = address
      model = options.model.isEmpty ? "default" : options.model
    }
    batches = StreetBatch.day(in: directory.folder("batches"), model: model)
    for batch in batches { try directory.write(batch.text, to: batch.file) }

    // What each owner asks and gives: the two roofs sell cheaply, the workshop pays for power.
    let prices: [(sell: Int64, buy: Int64)] = [(8, 14), (9, 15), (12, 20)]
    func clockFromNow() -> StreetClock {
      StreetClock(startsAt: startsAt, realStart: StreetSystem.realTime(), speed: options.speed)
    }
    var drafts: [StreetConfiguration] = []
    for index in nodes.indices {
      drafts.append(
        StreetConfiguration(
          node: nodes[index], server: houses[index], clock: clockFromNow(), profiles: profiles,
          engine: engineAddress, model: model, sellAtLeast: prices[index].sell,
          buyAtMost: prices[index].buy))
    }
    // Keys first, since each node's configuration names its neighbours' keys.
    var neighbours: [StreetConfiguration.Neighbour] = []
    for draft in drafts {
      let node = draft.node
      try directory.write(draft.text(neighbours: []), to: node.configurationFile)
      let output = try StreetProcess.output(
        of: daemon, ["--config", node.configurationFile, "--print-key"], log: node.log)
      neighbours.append(
        .init(name: node.name, key: output.filter { !$0.isWhitespace }, port: node.port))
    }
    // The clock starts now, and not before the nodes can.
    clock = clockFromNow()
    for index in drafts.indices {
      drafts[index].clock = clock
      let others = neighbours.filter { $0.name != drafts[index].node.name }
      try directory.write(
        drafts[index].text(neighbours: others), to: drafts[index].node.configurationFile)
    }
  }

  static func daemon(_ folder: String) throws(StreetError) -> String {
    try program("heliographd", in: folder)
  }

  /// A program that was built beside this one, or lies in the named folder.
  static func program(_ name: String, in folder: String) throws(StreetError) -> String {
    var folder = folder
    if folder.isEmpty {
      let own = try StreetSystem.ownExecutable()
      folder = String(own[..<(own.lastIndex(of: "/") ?? own.startIndex)])
    }
    let path = StreetSystem.absolutePath(folder) + "/" + name
    guard access(path, X_OK) == 0 else {
      throw StreetError(
        "no program \(path). Build it with `swift build -c release`, or name its folder with "
          + "--bin.")
    }
    return path
  }

  /// Paced by the street's clock, so that jobs take the same part of its day at any speed.
  private static func standIn(speed: Int64) throws(StreetError) -> StandInEngine {
    do {
      return try StandInEngine(port: 0, slots: 2, tokensPerSecond: Int(max(1, speed / 20)))
    } catch {
      throw StreetError("the stand-in engine can't be started: \(error)")
    }
  }
}
