"""Chains, contracts and balances of one community, computed from the records alone.

Written from Protocol.md alone; see signed_content.py.
"""

from collections import defaultdict

from signed_content import ABSENT, Record, Refused, is_bytes, is_number, item_from

SLOT = 900_000
MOST_AMOUNT = 10**9
FURTHEST_STEP = 4096
MOST_DISPUTES = 8


class Chains:
    """Every author's records, forks side by side."""

    def __init__(self, community: bytes):
        self.community = community
        self.records: dict[bytes, Record] = {}
        self.forks: set[tuple[bytes, int]] = set()
        self.places: dict[tuple[bytes, int], bytes] = {}
        # Of folded ones nothing but whose they are and where.
        self.folded: dict[bytes, tuple[bytes, int]] = {}

    def place_of(self, identity: bytes):
        record = self.records.get(identity)
        return (record.author, record.sequence) if record else self.folded.get(identity)

    def enter(self, place: tuple, identity: bytes) -> None:
        if self.places.setdefault(place, identity) != identity:
            self.forks.add(place)

    def take_run(self, run, author: bytes) -> None:
        if run.first > 0 and self.place_of(run.previous) != (author, run.first - 1):
            raise Refused("what is before the folded records is not known")
        for index, identity in enumerate(run.identities):
            if self.place_of(identity) is None:
                self.folded[identity] = (author, run.first + index)
                self.enter((author, run.first + index), identity)

    def take_item(self, item: bytes) -> bool:
        run, record = item_from(item)
        if run:
            self.take_run(run, record.author)
        return self.take(record)

    def take(self, record: Record) -> bool:
        """Whether it is new; refused when it has no place in its author's chain."""
        if record.community != self.community:
            raise Refused("a record of another community")
        if record.identity in self.records:
            return False
        if record.sequence > 0:
            before = self.place_of(record.previous)
            if before is None:
                raise Refused("its previous record is not known")
            if before != (record.author, record.sequence - 1):
                raise Refused("its previous record is not the author's with the sequence before")
        self.enter((record.author, record.sequence), record.identity)
        # It may come after what is left of it, and counts from then on.
        self.folded.pop(record.identity, None)
        self.records[record.identity] = record
        return True


class Terms:
    """What an ACCEPT's body agrees on; nothing where it is not as the table says."""

    def __init__(self, body: list):
        if not body or not is_number(body[0], 1, 2):
            raise ValueError
        self.energy = body[0] == 1
        if self.energy:
            if len(body) != 5:
                raise ValueError
            _, self.slot, self.quantity, self.price, loss = body
            fits = is_number(self.slot, 0, 10**15 // SLOT)
            fits &= loss == ABSENT or is_number(loss, 0, 500)
        else:
            if len(body) != 7:
                raise ValueError
            _, model, work, self.requests, self.quantity, self.price, self.deadline = body
            fits = is_bytes(model, 32) and is_bytes(work, 32)
            fits &= is_number(self.requests, 1, 50_000) and is_number(self.deadline, 0)
        fits &= is_number(self.quantity, 1, 10**9) and is_number(self.price, 0, 10**9)
        if not fits:
            raise ValueError

    def amount(self, quantity: int) -> int:
        return self.price * quantity // 10**6


class Row:
    """The state that a row of records leaves its contract in."""

    def __init__(self, accept: Record):
        self.terms = Terms(accept.body)
        self.accept = accept
        self.buyer, self.seller = accept.author, accept.peer
        if len(self.seller) != 32 or self.buyer == self.seller:
            raise ValueError
        self.state = "accepted"
        self.last = accept
        self.settled = None
        self.disputes = 0
        self.moved = 0
        self.moved_at = 0
        self.committed = None

    def after(self, record: Record):
        """The row one record longer; None where it is not the next step."""
        step = {
            2: self.confirm, 3: self.bind, 4: self.settle, 5: self.acknowledge, 7: self.cancel,
            8: self.dispute, 9: self.commit, 10: self.pick,
        }.get(record.kind)
        if step is None:
            return None
        by_seller = record.kind in (2, 4, 9) or (record.kind == 7 and not self.terms.energy)
        author, peer = (self.seller, self.buyer) if by_seller else (self.buyer, self.seller)
        if record.author != author or record.peer != peer:
            return None
        longer = object.__new__(Row)
        longer.__dict__.update(self.__dict__)
        longer.last = record
        return longer if step(longer, record) else None

    def near(self, record: Record) -> bool:
        return record.sequence - self.accept.sequence <= FURTHEST_STEP

    def confirm(self, longer, record) -> bool:
        longer.state = "confirmed"
        return self.state == "accepted" and record.body == []

    def bind(self, longer, record) -> bool:
        longer.state = "bound"
        return (
            self.state == "confirmed" and self.terms.energy and record.body == []
            and record.time < self.terms.slot * SLOT and self.near(record))

    def commit(self, longer, record) -> bool:
        if self.state != "confirmed" or self.terms.energy or len(record.body) != 3:
            return False
        root, answered, tokens = record.body
        longer.state, longer.committed = "committed", tokens
        return (
            is_bytes(root, 32) and is_number(answered, 0, self.terms.requests)
            and is_number(tokens, 0, self.terms.quantity)
            and record.time <= self.terms.deadline)

    def pick(self, longer, record) -> bool:
        longer.state = "picked"
        return self.state == "committed" and record.body == [] and self.near(record)

    def cancel(self, longer, record) -> bool:
        longer.state = "cancelled"
        return self.state == "confirmed" and record.body == []

    def settle(self, longer, record) -> bool:
        if self.state not in ("bound", "picked", "disputed") or self.disputes == MOST_DISPUTES:
            return False
        if len(record.body) != (4 if self.terms.energy else 2):
            return False
        quantity, amount, *statements = record.body
        most = self.terms.quantity if self.terms.energy else self.committed
        if not is_number(quantity, 0, most) or not all(is_bytes(s, 32) for s in statements):
            return False
        longer.state, longer.settled = "settled", (quantity, amount)
        return (
            is_number(amount) and amount == self.terms.amount(quantity)
            and amount >= self.moved)

    def acknowledge(self, longer, record) -> bool:
        if self.state != "settled" or record.body != []:
            return False
        longer.state = "acknowledged"
        longer.moved, longer.moved_at = self.settled[1], record.sequence
        return True

    def dispute(self, longer, record) -> bool:
        if self.state != "settled" or len(record.body) != 3 or self.disputes == MOST_DISPUTES:
            return False
        quantity, amount, reason = record.body
        longer.state, longer.disputes = "disputed", self.disputes + 1
        longer.moved = amount
        if amount != self.moved:
            longer.moved_at = record.sequence
        return (
            is_number(quantity, 0) and is_number(amount, 0) and is_number(reason, 1, 5)
            and quantity <= self.settled[0] and amount == self.terms.amount(quantity)
            and self.moved <= amount < self.settled[1])

    def open_amount(self) -> int:
        """What the contract uses of the limit while no clock says that it lapsed."""
        if self.state in ("accepted", "acknowledged", "cancelled"):
            return 0
        agreed = self.terms.amount(self.terms.quantity)
        return (self.settled[1] if self.settled else agreed) - self.moved

    def summary(self) -> dict:
        quantity, amount = self.settled or (None, None)
        return {
            "contract": self.accept.identity.hex(), "buyer": self.buyer.hex(),
            "seller": self.seller.hex(), "state": self.state,
            "last": self.last.identity.hex(), "quantity": quantity, "amount": amount,
            "moved": self.moved, "disputes": self.disputes, "open": self.open_amount()}


class Accounts:
    """Contracts, balances, limits and defaults: what all the records together say."""

    def __init__(self, chains: Chains):
        self.records = chains.records
        self.forked = {author for author, _ in chains.forks}
        self.answers = defaultdict(list)
        for record in self.records.values():
            if record.link != ABSENT:
                self.answers[record.link].append(record)
        self.reach = defaultdict(int)
        self.statements = {}
        for record in self.records.values():
            self.apply_checkpoint(record)
        rows = [row for record in self.records.values() if (row := self.row(record))]
        self.rows = [
            row for row in rows
            if row.accept.sequence >= self.reach[row.buyer, row.seller]]
        self.receipts = [r for r in self.records.values() if self.is_receipt(r)]
        self.balances = defaultdict(int)
        for row in self.rows:
            self.balances[row.seller, row.buyer] += row.moved
        for low, high in self.statements:
            _, sold, bought, *_ = self.statements[low, high]
            self.balances[low, high] += sold
            self.balances[high, low] += bought
        for receipt in self.receipts:
            self.balances[receipt.author, receipt.peer] -= receipt.body[0]
        for record in self.records.values():
            self.apply_circle(record)
        self.limits = {}
        self.defaults = {}
        for record in sorted(self.records.values(), key=lambda record: record.place):
            if len(record.peer) != 32 or record.author == record.peer or record.link != ABSENT:
                continue
            if record.kind == 6 and self.is_limit(record.body):
                self.limits[record.author, record.peer] = record
            if record.kind == 13 and self.is_amount(record.body, 0):
                self.defaults[record.author, record.peer] = record.body[0]

    def row(self, record: Record):
        if record.kind != 1 or len(record.link) != 32:
            return None
        try:
            return self.longest([Row(record)])[-1]
        except ValueError:
            return None

    def longest(self, rows: list) -> list:
        """The longest row on from here; of two as long the lower place at the first difference."""
        best = rows
        for answer in sorted(self.answers[rows[-1].last.identity], key=lambda r: r.place):
            longer = rows[-1].after(answer)
            if longer is None:
                continue
            grown = self.longest(rows + [longer])
            if len(grown) > len(best):
                best = grown
        return best

    @staticmethod
    def is_amount(body: list, least: int) -> bool:
        return len(body) == 1 and is_number(body[0], least, MOST_AMOUNT)

    @classmethod
    def is_limit(cls, body: list) -> bool:
        if len(body) != 3:
            return cls.is_amount(body, 0)
        return (
            is_number(body[0], 0, MOST_AMOUNT) and is_number(body[1], 0, 1000)
            and is_number(body[2], body[0], MOST_AMOUNT))

    def is_receipt(self, record: Record) -> bool:
        """Whether it counts: it may name a payment, and need not."""
        return (
            record.kind == 12 and self.is_amount(record.body, 1) and len(record.peer) == 32
            and record.author != record.peer)

    def apply_circle(self, net: Record) -> None:
        if net.kind != 14 or len(net.body) < 5 or len(net.body) > 10 or net.link != ABSENT:
            return
        amount, until, *parties = net.body
        fits = is_number(amount, 1, MOST_AMOUNT) and is_number(until, 0)
        fits = fits and all(is_bytes(party, 32) for party in parties)
        fits = fits and len(set(parties)) == len(parties)
        if not fits or parties[0] != net.author or parties[1] != net.peer:
            return
        agreed = {
            record.author for record in self.answers[net.identity]
            if record.kind == 15 and record.body == [] and record.peer == net.author}
        if all(party in agreed for party in parties[1:]):
            for debtor, creditor in zip(parties, parties[1:] + parties[:1]):
                self.balances[creditor, debtor] -= amount

    def apply_checkpoint(self, record: Record) -> None:
        fits = record.kind == 16 and record.link == ABSENT and len(record.peer) == 32
        if not fits or record.author >= record.peer or len(record.body) != 5:
            return
        reach, other, sold, bought, given = record.body
        fits = all(is_number(place, 0) and place % 1024 == 0 for place in (reach, other))
        fits = fits and all(is_number(sum_, 0, 10**12) for sum_ in (sold, bought, given))
        if not fits or reach > record.sequence:
            return
        low, high = record.author, record.peer
        signed = [
            answer for answer in self.answers[record.identity]
            if answer.kind == 17 and answer.author == high and answer.peer == low
            and answer.sequence >= other and len(answer.body) == 1
            and is_number(answer.body[0], 0, 10**12)]
        if not signed:
            return
        answer = min(signed, key=lambda each: each.place)
        self.reach[low, high] = max(self.reach[low, high], reach)
        self.reach[high, low] = max(self.reach[high, low], other)
        stamp = (reach, other, record.sequence, record.identity)
        known = self.statements.get((low, high))
        if known is None or known[0] < stamp:
            given_to = {low: (record.sequence, given), high: (answer.sequence, answer.body[0])}
            self.statements[low, high] = (stamp, sold, bought, given_to)

    def stated(self, creditor: bytes, debtor: bytes, since: int) -> int:
        """What the pair's checkpoint says that the creditor was given after its LIMIT."""
        pair = (min(creditor, debtor), max(creditor, debtor))
        if pair not in self.statements:
            return 0
        place, given = self.statements[pair][3][creditor]
        return given if since < place else 0

    def balance(self, creditor: bytes, debtor: bytes) -> int:
        """What the debtor owes, net of what it is owed itself."""
        owed, back = ((creditor, debtor), (debtor, creditor))
        return self.balances.get(owed, 0) - self.balances.get(back, 0)

    def limit(self, creditor: bytes, debtor: bytes) -> int:
        record = self.limits.get((creditor, debtor))
        if record is None:
            return 0
        if len(record.body) == 1:
            return record.body[0]
        amount, growth, ceiling = record.body
        since = record.sequence
        given = sum(
            r.body[0] for r in self.receipts
            if r.author == creditor and r.peer == debtor and r.sequence > since)
        given += sum(
            row.moved for row in self.rows
            if row.buyer == creditor and row.seller == debtor
            and row.moved_at > since)
        given += self.stated(creditor, debtor, since)
        return min(ceiling, amount + growth * given // 1000)

    def pairs(self) -> list:
        opens = defaultdict(int)
        for row in self.rows:
            opens[row.seller, row.buyer] += row.open_amount()
        found = []
        known = {*self.balances, *self.limits, *self.defaults, *opens}
        for pair in sorted(known | {(debtor, creditor) for creditor, debtor in known}):
            # Who forked gives no credit.
            limit = 0 if pair[0] in self.forked else self.limit(*pair)
            figures = {
                "balance": self.balance(*pair), "limit": limit,
                "default": self.defaults.get(pair, 0), "open": opens.get(pair, 0)}
            if any(figures.values()):
                found.append({"creditor": pair[0].hex(), "debtor": pair[1].hex(), **figures})
        return found


def summary(chains: Chains) -> dict:
    accounts = Accounts(chains)
    first = {author: sequence for author, sequence in sorted(chains.forks, reverse=True)}
    forks = sorted(first.items())
    rows = sorted(accounts.rows, key=lambda row: row.accept.identity)
    return {
        "records": len(chains.records),
        "authors": len({record.author for record in chains.records.values()}),
        "forks": [{"author": author.hex(), "sequence": sequence} for author, sequence in forks],
        "contracts": [row.summary() for row in rows], "pairs": accounts.pairs()}
