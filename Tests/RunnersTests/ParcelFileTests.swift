import Ledger
import Runners
import Sealing
import Testing

/// Parcels that come part by part, from neighbours who may send anything.
struct ParcelFileTests {
  static let length = WorkParcel.partLength
  static let contract = Digest(of: [7])

  let scratch: ScratchFolder
  let file: ParcelFile

  init() throws {
    scratch = try ScratchFolder()
    file = ParcelFile(folder: scratch.path + "/folder", name: "x.parcel")
  }

  func whole(_ byte: UInt8 = 1) -> [UInt8] { [UInt8](repeating: byte, count: Self.length) }

  @Test("parts come one after another, and a restart knows how many are here")
  func inOrder() throws {
    #expect(file.look() == ParcelFile.State(parts: 0, count: nil))
    #expect(try file.append(whole(), part: 0, of: 3).parts == 1)
    // One that comes twice, or too early, changes nothing.
    #expect(try file.append(whole(9), part: 0, of: 3).parts == 1)
    #expect(try file.append([5], part: 2, of: 3).parts == 1)
    #expect(try file.append(whole(2), part: 1, of: 3).parts == 2)
    #expect(try file.append([3, 4], part: 2, of: 3).isWhole)
    let again = ParcelFile(folder: scratch.path + "/folder", name: "x.parcel")
    #expect(again.look() == ParcelFile.State(parts: 3, count: 3))
    let sent = try #require(ParcelFile.part(2, of: file.path))
    #expect(sent.bytes == [3, 4])
    #expect(sent.count == 3)
    #expect(ParcelFile.part(3, of: file.path) == nil)
    #expect(ParcelFile.part(-1, of: file.path) == nil)
    #expect(ParcelFile.part(0, of: scratch.path + "/folder") == nil)
  }

  @Test(
    "a part that a crash tears does not count, and is written again whole", arguments: [1, 100])
  func torn(left: Int) throws {
    _ = try file.append(whole(), part: 0, of: 2)
    // The last part was begun; its length was not noted.
    try scratch.write(
      String(repeating: "7", count: left), to: "folder/x.parcel", appending: true)
    #expect(file.look() == ParcelFile.State(parts: 1, count: 2))
    #expect(try file.append([8, 9], part: 1, of: 2).isWhole)
    #expect(scratch.read("folder/x.parcel")?.utf8.count == Self.length + 2)
    #expect(ParcelFile.part(1, of: file.path)?.bytes == [8, 9])
  }

  @Test("a last part whose note was lost is asked for again, though it has full length")
  func noteLost() throws {
    _ = try file.append(whole(), part: 0, of: 2)
    try scratch.write(
      String(repeating: "7", count: Self.length), to: "folder/x.parcel", appending: true)
    #expect(file.look() == ParcelFile.State(parts: 1, count: 2))
  }

  @Test("parts of a wrong length, or of another count than before, are refused")
  func lengths() throws {
    #expect(throws: RunnerError.self) { try file.append([1], part: 0, of: 2) }
    #expect(throws: RunnerError.self) { try file.append([], part: 0, of: 1) }
    #expect(throws: RunnerError.self) { try file.append(whole() + [1], part: 0, of: 1) }
    _ = try file.append(whole(), part: 0, of: 3)
    #expect(throws: RunnerError.self) { try file.append(whole(), part: 1, of: 2) }
  }

  @Test("a part sealed to another, torn or too long for what was agreed makes the work unusable")
  func hostile() throws {
    let keys = try #require(KeyPair(seed: [UInt8](repeating: 1, count: 32)))
    let other = try #require(KeyPair(seed: [UInt8](repeating: 2, count: 32)))
    let work = NeighbourWork(keys: keys, settings: NeighbourWorkTests.settings(scratch.path))
    func take(_ sealed: [UInt8], count: Int64 = 1) throws -> Bool {
      let outcome = try work.perform(
        .take(
          contract: Self.contract, .work, folder: "neighbour-x", part: 0, count: count,
          sealed: sealed))
      if case .unusable? = outcome { return false }
      return true
    }
    let sealed = try #require(SealedBox.seal([1, 2, 3], to: keys.publicKey))
    #expect(try !take([]))
    #expect(try !take(Array(sealed.dropLast())))
    #expect(try !take(try #require(SealedBox.seal([1], to: other.publicKey))))
    #expect(try !take(sealed, count: 4096))
    #expect(try !take(sealed, count: 4097))
    #expect(try !take(sealed, count: 0))
    #expect(scratch.names(in: "neighbour-x").isEmpty)
    #expect(try take(sealed))
  }
}
