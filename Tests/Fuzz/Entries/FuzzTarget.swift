import Quantities
import Sites

/// What a fuzzer tries: takes any bytes, and traps where a promise is broken.
///
/// The same code runs under libFuzzer (Boards/host/fuzz) and over the kept corpus in the tests.
public enum FuzzTarget: String, CaseIterable, Sendable {
  /// A device profile's text, JSON5 included, and a register dump's.
  case profile
  /// A walk over any registers, and what the models found there say.
  case sunspec
  /// The bytes that come back for a Modbus request.
  case reply
  /// Deterministic CBOR.
  case cbor
  /// Frames, and everything that is signed.
  case record
  /// Rows of records: what contracts and balances come to.
  case contract

  /// Tries `bytes`.
  ///
  /// - Parameter promise: called for each thing that must hold.
  public func run(_ bytes: [UInt8], promise: (Bool, String) -> Void) {
    switch self {
    case .profile: ProfileFuzzing.run(bytes, promise: promise)
    case .sunspec: SunSpecFuzzing.run(bytes, promise: promise)
    case .reply: ReplyFuzzing.run(bytes, promise: promise)
    case .cbor: LedgerFuzzing.cbor(bytes, promise: promise)
    case .record: LedgerFuzzing.record(bytes, promise: promise)
    case .contract: ContractFuzzing.run(bytes, promise: promise)
    }
  }
}
