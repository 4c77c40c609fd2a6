"""Well-formed records that are carried and have no effect."""

from broken_records import START, TIME
from second_ledger import SLOT, Chains, summary
from signed_content import Writer, community_named, digest

TERMS = [1, 2_000_000, 500_000, 10_000, b""]
STATEMENTS = [digest(b"seller"), digest(b"buyer")]


class Lane:
    """A seller, a buyer and a stranger, with contracts at every stage."""

    def __init__(self):
        self.community = community_named("test")
        self.seller, self.buyer, self.stranger = (
            Writer(bytes([seed]) * 32, self.community) for seed in (41, 42, 43))
        self.chains = Chains(self.community)
        self.base = []
        self.idle = []
        self.end = START + SLOT
        computing = [2, digest(b"m"), digest(b"w"), 10, 1000, 3_000_000, self.end]
        offer = digest(b"offer")
        self.good(self.seller, 6, self.buyer, b"", [20_000, 250, 50_000])
        self.accepted = self.good(self.buyer, 1, self.seller, offer, TERMS)
        self.confirmed = self.confirm(TERMS)
        self.bound = self.good(self.buyer, 3, self.seller, self.confirm(TERMS))
        bind = self.good(self.buyer, 3, self.seller, self.confirm(TERMS))
        self.settled = self.good(
            self.seller, 4, self.buyer, bind, [450_000, 4500, *STATEMENTS])
        self.promised = self.confirm(computing)
        commit = [digest(b"root"), 9, 900]
        self.committed = self.good(self.seller, 9, self.buyer, self.confirm(computing), commit)
        self.circle = self.good(
            self.seller, 14, self.buyer, b"",
            [100, START, self.seller.author, self.buyer.author, self.stranger.author])
        self.good(self.buyer, 15, self.seller, self.circle)
        self.low, self.high = sorted((self.seller, self.buyer), key=lambda one: one.author)
        self.stated = self.good(self.low, 16, self.high, b"", [0, 0, 700, 200, 0])
        self.stated_later = self.good(self.low, 16, self.high, b"", [0, 1024, 700, 200, 0])

    def good(self, writer, kind, peer, link=b"", body=(), time=TIME):
        record = writer.record(kind, peer.author, link, list(body), time)
        self.chains.take(record)
        self.base.append(record)
        return record.identity

    def confirm(self, terms):
        accept = self.good(self.buyer, 1, self.seller, digest(b"offer"), terms)
        return self.good(self.seller, 2, self.buyer, accept)

    def add(self, name, writer, kind, peer, link=b"", body=(), time=TIME):
        peer = peer.author if peer else b""
        record = writer.record(kind, peer, link, list(body), time)
        self.idle.append((name, record))
        return record.identity


def steps(lane: Lane) -> None:
    seller, buyer, stranger = lane.seller, lane.buyer, lane.stranger
    lane.add("CONFIRM by the buyer", buyer, 2, seller, lane.accepted)
    lane.add("CONFIRM by a stranger", stranger, 2, buyer, lane.accepted)
    lane.add("CONFIRM to a stranger", seller, 2, stranger, lane.accepted)
    lane.add("CONFIRM with a body", seller, 2, buyer, lane.accepted, [1])
    lane.add("BIND of an ACCEPT", buyer, 3, seller, lane.accepted)
    lane.add("BIND when the slot has begun", buyer, 3, seller, lane.confirmed, [], START)
    lane.add("BIND by the seller", seller, 3, buyer, lane.confirmed)
    lane.add("BIND with a body", buyer, 3, seller, lane.confirmed, [b""])
    lane.add("SETTLE before BIND", seller, 4, buyer, lane.confirmed, [1000, 10, *STATEMENTS])
    lane.add("CANCEL by the seller", seller, 7, buyer, lane.confirmed)
    lane.add("CANCEL after BIND", buyer, 7, seller, lane.bound)
    lane.add("SETTLE by the buyer", buyer, 4, seller, lane.bound, [1000, 10, *STATEMENTS])
    lane.add(
        "SETTLE of more than agreed", seller, 4, buyer, lane.bound, [500_100, 5001, *STATEMENTS])
    lane.add(
        "SETTLE of an amount that the terms do not give", seller, 4, buyer, lane.bound,
        [450_000, 4501, *STATEMENTS])
    lane.add("SETTLE without statements", seller, 4, buyer, lane.bound, [450_000, 4500])
    lane.add(
        "SETTLE with a short statement", seller, 4, buyer, lane.bound,
        [450_000, 4500, STATEMENTS[0], STATEMENTS[1][:31]])
    lane.add("ACKNOWLEDGE by the seller", seller, 5, buyer, lane.settled)
    lane.add("ACKNOWLEDGE with a body", buyer, 5, seller, lane.settled, [4500])
    lane.add("ACKNOWLEDGE of what nobody wrote", buyer, 5, seller, digest(b"nothing"))
    lane.add("DISPUTE of nothing", buyer, 8, seller, lane.settled, [450_000, 4500, 1])
    lane.add("DISPUTE for reason 6", buyer, 8, seller, lane.settled, [400_000, 4000, 6])
    lane.add("DISPUTE of figures that differ", buyer, 8, seller, lane.settled, [300_000, 4000, 1])
    lane.add("COMMIT after the deadline", seller, 9, buyer, lane.promised,
             [digest(b"root"), 9, 900], lane.end + 1)
    lane.add("COMMIT to more tokens", seller, 9, buyer, lane.promised, [digest(b"root"), 9, 1001])
    lane.add("COMMIT to more answers", seller, 9, buyer, lane.promised, [digest(b"root"), 11, 900])
    lane.add("BIND of computing", buyer, 3, seller, lane.promised)
    lane.add("PICK by the seller", seller, 10, buyer, lane.committed)
    lane.add("SETTLE before PICK", seller, 4, buyer, lane.committed, [900, 2700])


def openings(lane: Lane) -> None:
    seller, buyer = lane.seller, lane.buyer
    offer = digest(b"offer")

    def accept(name, peer=seller, link=offer, **changes):
        names = ["good", "slot", "energy", "price", "loss"]
        terms = [changes.get(key, value) for key, value in zip(names, TERMS)]
        lane.add(name, buyer, 1, peer, link, terms)

    accept("ACCEPT of oneself", peer=buyer)
    accept("ACCEPT of nobody", peer=None)
    accept("ACCEPT of no offer", link=b"")
    accept("ACCEPT of no energy", energy=0)
    accept("ACCEPT at a negative price", price=-1)
    accept("ACCEPT of a slot before 1970", slot=-1)
    accept("ACCEPT with a loss of 501", loss=501)
    accept("ACCEPT with a loss in words", loss="none")
    accept("ACCEPT of another good", good=3)
    lane.add("ACCEPT of four terms", buyer, 1, seller, offer, TERMS[:4])


def money(lane: Lane) -> None:
    seller, buyer, stranger = lane.seller, lane.buyer, lane.stranger
    lane.add("negative LIMIT", seller, 6, buyer, b"", [-1])
    lane.add("LIMIT beyond all", seller, 6, buyer, b"", [10**9 + 1])
    lane.add("LIMIT that grows beyond all", seller, 6, buyer, b"", [1, 1001, 2])
    lane.add("LIMIT with a ceiling below it", seller, 6, buyer, b"", [30, 1, 20])
    lane.add("LIMIT of two figures", seller, 6, buyer, b"", [30, 1])
    lane.add("LIMIT with a link", seller, 6, buyer, lane.settled, [30])
    lane.add("LIMIT to oneself", seller, 6, seller, b"", [30])
    lane.add("LIMIT to nobody", seller, 6, None, b"", [30])
    lane.add("PAYMENT", buyer, 11, seller, b"", [1000])
    lane.add("RECEIPT of nothing", seller, 12, buyer, b"", [0])
    lane.add("negative RECEIPT", seller, 12, buyer, b"", [-5])
    lane.add("RECEIPT beyond all", seller, 12, buyer, b"", [10**9 + 1])
    lane.add("RECEIPT to oneself", seller, 12, seller, b"", [10])
    lane.add("RECEIPT in words", seller, 12, buyer, b"", ["1000"])
    lane.add("negative DEFAULT", seller, 13, buyer, b"", [-1])
    three = [seller.author, buyer.author, stranger.author]
    lane.add("NET of two", seller, 14, buyer, b"", [100, START, *three[:2]])
    lane.add("NET with one party twice", seller, 14, buyer, b"", [100, START, *three[:2], three[0]])
    lane.add("NET that another proposes", stranger, 14, buyer, b"", [100, START, *three])
    lane.add("NET of nothing", seller, 14, buyer, b"", [0, START, *three])
    lane.add("AGREE to another than the proposer", stranger, 15, buyer, lane.circle)
    lane.add("AGREE with a body", stranger, 15, seller, lane.circle, [1])
    lane.add("AGREE twice", buyer, 15, seller, lane.circle)
    lane.add("a kind of later times", seller, 999, buyer, b"", [["x", 1]])


def folding(lane: Lane) -> None:
    low, high, stranger = lane.low, lane.high, lane.stranger

    def state(name, writer=low, peer=high, link=b"", body=(0, 0, 700, 200, 0)):
        """A CHECKPOINT that must not count, even when the other side signs it."""
        identity = lane.add(name, writer, 16, peer, link, body)
        other = high if writer is low else low
        lane.add(f"COUNTERSIGN of {name}", other, 17, writer, identity, [0])

    state("CHECKPOINT by the greater key", high, low)
    state("CHECKPOINT to oneself", peer=low)
    state("CHECKPOINT to nobody", peer=None)
    state("CHECKPOINT to a stranger", peer=stranger)
    state("CHECKPOINT with a link", link=lane.stated)
    state("CHECKPOINT of four figures", body=(0, 0, 700, 200))
    state("CHECKPOINT that reaches into a stretch", body=(5, 0, 700, 200, 0))
    state("CHECKPOINT that reaches beyond itself", body=(1024, 0, 700, 200, 0))
    state("CHECKPOINT that reaches into the other's stretch", body=(0, 5, 700, 200, 0))
    state("CHECKPOINT of a negative reach", body=(-1024, 0, 700, 200, 0))
    state("CHECKPOINT of a negative sum", body=(0, 0, -700, 200, 0))
    state("CHECKPOINT of a sum beyond all", body=(0, 0, 700, 10**12 + 1, 0))
    state("CHECKPOINT in words", body=(0, 0, "700", 200, 0))
    lane.add("COUNTERSIGN by a stranger", stranger, 17, low, lane.stated, [0])
    lane.add("COUNTERSIGN by the author", low, 17, high, lane.stated, [0])
    lane.add("COUNTERSIGN to a stranger", high, 17, stranger, lane.stated, [0])
    lane.add("COUNTERSIGN without a sum", high, 17, low, lane.stated)
    lane.add("COUNTERSIGN of two sums", high, 17, low, lane.stated, [0, 0])
    lane.add("COUNTERSIGN of a negative sum", high, 17, low, lane.stated, [-1])
    lane.add("COUNTERSIGN of a sum beyond all", high, 17, low, lane.stated, [10**12 + 1])
    lane.add("COUNTERSIGN before the place it reaches", high, 17, low, lane.stated_later, [0])
    lane.add("COUNTERSIGN of no checkpoint", high, 17, low, lane.settled, [0])


def idle() -> dict:
    """Records of every stage, those that must change nothing, with what they changed here, and a
    COUNTERSIGN that does change something."""
    lane = Lane()
    for make in (steps, openings, money, folding):
        make(lane)
    before = summary(lane.chains)
    result = []
    for name, record in lane.idle:
        lane.chains.take(record)
        after = summary(lane.chains)
        changed = any(before[key] != after[key] for key in ("contracts", "pairs", "forks"))
        before = after
        result.append({"name": name, "bytes": record.signed.hex(), "changed": changed})
    # What does count, once all of those are there.
    signed = lane.high.record(17, lane.low.author, lane.stated, [0], TIME)
    lane.chains.take(signed)
    return {
        "known": [record.signed.hex() for record in lane.base], "idle": result,
        "next": signed.signed.hex(), "comes": summary(lane.chains)}
