"""Records between which a rule has to choose: second answers, branches, disputes around a LIMIT."""

from broken_records import TIME
from idle_records import STATEMENTS, TERMS, Lane
from second_ledger import summary
from signed_content import Writer, digest


def branch(lane: Lane, writer: Writer) -> Writer:
    """Another hand with the same key, at the same place of the chain."""
    other = Writer(bytes(writer.key), lane.community, writer.sequence, writer.previous)
    return other


def settled(lane: Lane, quantity: int):
    bind = lane.good(lane.buyer, 3, lane.seller, lane.confirm(TERMS))
    return settle(lane, lane.seller, bind, quantity)


def settle(lane: Lane, writer: Writer, link: bytes, quantity: int):
    return lane.good(
        writer, 4, lane.buyer, link, [quantity, quantity // 100, *STATEMENTS])


def dispute(lane: Lane, link: bytes, quantity: int):
    return lane.good(lane.buyer, 8, lane.seller, link, [quantity, quantity // 100, 1])


def choices() -> dict:
    """The records, in an order that keeps each chain's own, and what they come to here."""
    lane = Lane()
    seller, buyer = lane.seller, lane.buyer

    # Two answers as long as each other: the lower sequence counts.
    accept = lane.good(buyer, 1, seller, digest(b"offer"), TERMS)
    for _ in range(2):
        lane.good(seller, 2, buyer, accept)
    # The second answer has the longer row.
    accept = lane.good(buyer, 1, seller, digest(b"offer"), TERMS)
    lane.good(seller, 2, buyer, accept)
    lane.good(buyer, 3, seller, lane.good(seller, 2, buyer, accept))

    # Figures around a LIMIT that grows: the buyer is a creditor too.
    first, second, third = (settled(lane, quantity) for quantity in (450_000, 460_000, 470_000))
    first = settle(lane, seller, dispute(lane, first, 400_000), 450_000)
    second = settle(lane, seller, dispute(lane, second, 300_000), 460_000)
    lane.good(buyer, 6, seller, b"", [1000, 500, 50_000])
    dispute(lane, first, 400_000)  # says nothing new: it stays before the LIMIT
    dispute(lane, second, 350_000)  # says more: all of it is after the LIMIT
    lane.good(buyer, 5, seller, third)
    # Eight disputes, and no SETTLE after them.
    link = settled(lane, 480_000)
    for round_ in range(9):
        link = settle(lane, seller, dispute(lane, link, 100_000 + 1000 * round_), 480_000)

    # The seller forks: at one place of its chain it settles two amounts, and more on each branch.
    binds = [lane.good(buyer, 3, seller, lane.confirm(TERMS)) for _ in range(6)]
    other = branch(lane, seller)
    for index, bind in enumerate(binds):
        settle(lane, seller, bind, 400_000 + 100 * index)
        settle(lane, other, bind, 410_000 + 100 * index)
    lane.good(other, 6, buyer, b"", [7000])
    lane.good(seller, 13, buyer, b"", [30])
    lane.good(other, 13, buyer, b"", [40])
    return {"known": [record.signed.hex() for record in lane.base], "comes": summary(lane.chains)}
