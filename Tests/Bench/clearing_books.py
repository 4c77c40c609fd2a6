"""Random books of one slot: the same seed always gives the same book.

An order is [author, side, energy in mWh, limit price in millicredits a kWh, seconds before the
gate]; side 1 offers, 2 bids. A limit is [seller, buyer, credit in millicredits].
"""

import random

OFFER, BID = 1, 2
LOT = 10_000
# What the limits of a book may be like.
FREE, DENSE, SPARSE = "free", "dense", "sparse"


def order(source, author, number, whole):
    side = source.choice((OFFER, BID))
    energy = source.randint(1, 120) * LOT if whole else source.randint(LOT, 120 * LOT)
    price = source.randint(40, 180) if side == OFFER else source.randint(60, 220)
    # Rounded prices, so that many are equal, and any.
    fine = 0 if source.random() < 0.5 else source.randint(0, 99)
    return [author, side, energy, price * 100 + fine, number * 100 + source.randint(1, 99)]


def limits_of(source, kind, orders):
    """Who may owe whom how much, in a street of the orders' authors."""
    houses = sorted({row[0] for row in orders})
    if kind == DENSE:
        return [
            [seller, buyer, source.randint(200, 20_000)] for seller in houses for buyer in houses
            if seller != buyer and source.random() < 0.8]
    if kind == SPARSE:
        return [
            [seller, buyer, source.randint(500, 20_000)] for seller in houses
            for buyer in source.sample([one for one in houses if one != seller],
                                       min(2, len(houses) - 1))]
    return None


def book(seed, kind, whole=True, houses=None):
    """One book; up to 60 houses, every fourth of them with several orders."""
    source = random.Random(f"{kind} {seed} {whole} {houses}")
    count = houses or source.randint(2, 60)
    orders = [
        order(source, author, number, whole) for author in range(count)
        for number in range(source.randint(2, 4) if houses is None and author % 4 == 0 else 1)]
    source.shuffle(orders)
    return {"seed": seed, "kind": kind, "orders": orders,
            "limits": limits_of(source, kind, orders)}


def counted(orders):
    """Which orders count, by place, with what energy: those on the side of their author's latest
    order, in whole lots."""
    latest = {}
    for author, side, _, _, before in orders:
        if author not in latest or before < latest[author][0]:
            latest[author] = (before, side)
    return {
        place: row[2] // LOT * LOT for place, row in enumerate(orders)
        if row[1] == latest[row[0]][1] and row[2] >= LOT}
