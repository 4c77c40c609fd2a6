import Ledger
import Market
import Quantities
import Sealing
import Testing
import Thrown

/// Whoever knows the same records has the same accounts, in whatever order they came.
@Suite struct AccountsOrderTests {
  /// What can be seen of accounts.
  private struct View: Equatable {
    var balances: [Credits] = []
    var contracts: [String] = []
    var limits: [Credits] = []

    init(_ accounts: Accounts, keys: [KeyPair]) {
      for first in keys.map(\.publicKey) {
        for second in keys.map(\.publicKey) where second != first {
          balances.append(accounts.balance(of: first, with: second))
          // Who forked gives and gets no credit, so what its limits grow to is nobody's concern.
          if first != keys[0].publicKey {
            limits.append(accounts.limit(creditor: first, debtor: second))
          }
        }
      }
      contracts = accounts.contracts.map {
        "\($0.identifier.hexadecimal) \($0.stage) \($0.last.hexadecimal) \($0.state.owed)"
      }
    }
  }

  @Test("any order of the same records gives the same accounts, forks and all")
  func anyOrder() throws {
    var settled = 0
    var disputed = 0
    var netted = 0
    for seed in UInt64(1)...60 {
      var street = try RecordedStreet(seed: seed, parties: 4)
      for _ in 0..<300 { street.step() }
      var views: [View] = []
      for order in 0..<4 {
        var accounts = Accounts()
        for (index, record) in street.shuffled().enumerated() {
          _ = accounts.apply(record)
          // A restart in between changes nothing.
          if order == 3, index % 17 == 0 {
            accounts = try #require(Accounts(decoding: accounts.encoded))
          }
        }
        views.append(View(accounts, keys: street.keys))
        settled += accounts.contracts.filter { $0.stage == .acknowledged }.count
        disputed += accounts.contracts.filter { $0.stage == .disputed }.count
        let sum = street.keys.reduce(Credits.zero) { $0 + accounts.balance(of: $1.publicKey) }
        #expect(sum == .zero)
      }
      netted += street.chains.joined().filter { $0.kind == .agree }.count
      #expect(views.dropFirst().allSatisfy { $0 == views[0] }, "seed \(seed)")
    }
    // The street must have got as far as what is to be shown.
    #expect(settled > 500)
    #expect(disputed > 50)
    #expect(netted > 50)
  }
}
