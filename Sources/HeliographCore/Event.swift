import Ledger
import Market
import Mesh
import Planning
import Quantities
import Sealing
import Sites
import Texting

/// Something that happened outside, told to the station together with the time.
///
/// What is large lies apart (`indirect`): events are handed from one to the next, and most are
/// small.
public enum Event: Sendable {
  /// The node is up and its stored state has been handed to the station.
  case started
  case timer(TimerName)
  indirect case reading(DeviceReading)
  case readingFailed(device: DeviceName, fault: DeviceFault)
  /// What can be steered of a device: after its first reading, and when that has changed.
  indirect case controls(DeviceName, [DeviceControl])
  indirect case steered(SteeringOutcome)
  /// The node was asked to end; `atRest` says when it may.
  case stopping
  /// A link to this peer was authenticated by its key.
  case linkUp(PublicKey)
  case linkDown(PublicKey, reason: String)
  /// One whole frame from an authenticated peer.
  case frame(from: PublicKey, bytes: [UInt8])
  /// A frame of records from an authenticated peer, decoded, and verified as far as each says.
  case records(from: PublicKey, [ReceivedRecord])
  /// The store has folded records of this author, which take up so many bytes less.
  case folded(PublicKey, bytes: Int)
  /// A frame of an authenticated peer that says how far it knows each chain.
  case frontier(from: PublicKey, [FrontierEntry])
  /// A frame of orders, decoded, and verified as far as each says.
  case orders(from: PublicKey, [ReceivedOrder])
  indirect case text(TextMessage)
  indirect case batchStaged(StagedBatch, replyTo: TextMessage.Identifier)
  case batchRefused(reason: String, replyTo: TextMessage.Identifier)
  /// A batch file is ready to be computed by a neighbour for at most so much.
  indirect case workStaged(StagedWork, payingAtMost: Credits, replyTo: TextMessage.Identifier)
  indirect case work(WorkOutcome)
  indirect case jobProgress(JobProgress)
  /// The runner can't go on with this job; it feeds nothing more until started again.
  case jobHeld(JobNumber, reason: String)
  indirect case engine(EngineState)
  /// What became of the engine's program, which this node starts and stops.
  indirect case engineProcess(EngineProcessState)
  /// What the graphics card may be limited to, and what it draws usually at most.
  case engineCard(ClosedRange<Power>)
  /// What the computing side's own sensor says it draws: an estimate.
  case computingPower(Power)
  /// That sensor gives no value; jobs count with what they state.
  case computingPowerUnknown(reason: String)
  /// A weather service's outlook was read; it replaces the one before.
  indirect case weather(WeatherOutlook)
  /// The price list changed: what energy costs from now on, bands and all.
  indirect case tariff(Tariff)
  /// What a pulse meter's counter knows, in answer to `read`.
  indirect case pulses(PulseSnapshot)
  /// A relay could not be switched: its state is not known.
  case relayFailed(String, reason: String)
  case button(ButtonPress)
  /// The store refuses to commit; only `text` and this reach the station until it works again.
  case storageFailing(reason: String)
  case storageWorking
}

/// The timers that the station's machines set; setting one again moves it.
public enum TimerName: Hashable, Comparable, Sendable {
  case poll(DeviceName)
  /// The station looks at surplus, plan and jobs.
  case control
  /// Something about a slot is due: orders, gate, start, settlement.
  case market
  /// A relay that waited for its time may be switched.
  case relays
  /// Frontiers are compared again with every linked peer.
  case synchronise
  /// A device must hear its set-point again, or one is over.
  case steering
  /// Something about computing with or for neighbours is due.
  case computing
}
