#!/usr/bin/env python3
"""Holds the market's clearing against the exact optimum and prints one table.

    clearing_report.py HELIOBENCH [--books N] [--limited N] [--processes P] [--short]

Every book comes from its seed (clearing_books.py); `heliobench clear` clears them all. Each result
is first checked: nobody sells below or buys above his limit, beyond his orders or his credit, or
from himself, no trade is below 10 Wh, all pay one price. HiGHS then solves linear programs of the
same books (clearing_lp.py): without limits the welfare must be equal; with limits it is a share of
the best that any one price allows, credit counted to the last fraction.

Times are of books of 10,000 orders, each of another household, by the thread's own clock.

Ends with 1 when a bar is missed or a result is not allowed. --short: 50 books and no times.
"""

import argparse
import concurrent.futures
import json
import random
import statistics
import subprocess
import sys

from clearing_books import BID, DENSE, FREE, LOT, OFFER, SPARSE, book, counted
from report_table import Table

EQUAL_BAR = 1e-9
WORST_BAR = 0.98
TIME_BAR = 50  # ms
LARGE = 10_000
TIMED = 5


class Broken(Exception):
    """A result that is not allowed."""


def clear(heliobench, books):
    """What heliobench makes of them."""
    lines = "".join(json.dumps(one) + "\n" for one in books)
    done = subprocess.run([heliobench, "clear"], input=lines, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"clearing_report: {heliobench} clear: {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def expect(holds, what):
    if not holds:
        raise Broken(what)


def checked_welfare(book, energies, answer):
    """Credits, from the trades alone; raises where one is not allowed."""
    orders, price = book["orders"], answer["price"]
    sums, owed, welfare = {}, {}, 0
    for offer, bid, energy in answer["trades"]:
        expect(orders[offer][1] == OFFER and orders[bid][1] == BID, "a trade of one side")
        expect(orders[offer][0] != orders[bid][0], f"{orders[bid][0]} trades with himself")
        expect(orders[offer][3] <= price <= orders[bid][3], f"{price} is beyond a limit price")
        expect(energy >= LOT, f"a trade of {energy} mWh")
        for place in (offer, bid):
            sums[place] = sums.get(place, 0) + energy
        pair = (orders[offer][0], orders[bid][0])
        owed[pair] = owed.get(pair, 0) + energy * price // 1_000_000
        welfare += energy * (orders[bid][3] - orders[offer][3])
    for place, energy in sums.items():
        expect(energy <= energies.get(place, 0), f"order {place} trades {energy} mWh")
    if book["limits"] is not None:
        credits = {(seller, buyer): credit for seller, buyer, credit in book["limits"]}
        for pair, cost in owed.items():
            expect(cost <= credits.get(pair, 0), f"{pair} trade for {cost} millicredits")
    return welfare / 1e9


def share(one, answer):
    """Of the optimum, one row; whole lots only count, unless the row is of what they cost."""
    from clearing_lp import best_welfare

    energies = counted(one["orders"])
    welfare = checked_welfare(one, energies, answer)
    best = best_welfare(one, energies)
    exact = {place: one["orders"][place][2] for place in energies}
    finest = best if exact == energies else best_welfare(one, exact)
    part = 1.0 if best < 1e-9 else welfare / best
    return {"kind": one["kind"], "share": part, "proven": answer["proven"],
            "fine": 1.0 if finest < 1e-9 else welfare / finest, "trades": bool(answer["trades"])}


def large(seed, kind):
    """Ten thousand orders of as many houses; each trusts two others, or two of those who buy, or
    twenty others, or limits are none."""
    source = random.Random(f"large {seed}")
    orders = [
        [author, OFFER if author % 2 == 0 else BID, source.randint(5, 100) * LOT,
         source.randint(2000, 20_000) if author % 2 == 0 else source.randint(5000, 25_000), 60]
        for author in range(LARGE)]
    limits = None
    if kind == "buyers":
        limits = [
            [seller, source.randrange(1, LARGE, 2), source.randint(1000, 20_000)]
            for seller in range(0, LARGE, 2) for _ in range(2)]
    elif kind != "none":
        limits = [
            [house, other, source.randint(1000, 20_000)] for house in range(LARGE)
            for other in source.sample(range(LARGE), 20 if kind == "twenty" else 2)
            if other != house]
    return {"seed": seed, "kind": kind, "orders": orders, "limits": limits}


def times(table, heliobench):
    for kind, label, bar in (
            ("none", "no limits", TIME_BAR), ("two", "each trusts two others", TIME_BAR),
            ("buyers", "each seller trusts two buyers", None),
            ("twenty", "each trusts twenty others", None)):
        answers = clear(heliobench, [large(seed, kind) for seed in range(TIMED)])
        spent = [answer["nanoseconds"] / 1e6 for answer in answers]
        bound = "" if bar is None else f" (bar {bar} ms)"
        median = statistics.median(spent)
        table.line(f"10,000 orders, {label}, median of {TIMED}{bound}", f"{median:.1f} ms",
                   None if bar is None else median <= bar)
        table.line("  worst; proven to be the best price",
                   f"{max(spent):.1f} ms; {sum(answer['proven'] for answer in answers)}")


def shares(table, rows):
    free = [row["share"] for row in rows if row["kind"] == FREE]
    table.line("books without limits", f"{len(free)}")
    off = max(abs(1 - part) for part in free)
    table.line("  welfare equal to the linear programme's (bar 1e-9 off)", f"{off:.1e}",
               off <= EQUAL_BAR)
    for kind, label in ((DENSE, "dense limits"), (SPARSE, "each trusts two")):
        own = [row for row in rows if row["kind"] == kind]
        values = [row["share"] for row in own]
        table.line(f"books, {label}; proven to be the best price",
                   f"{len(own)}; {sum(row['proven'] for row in own)}")
        table.line("  share of the best one price, mean", f"{statistics.mean(values):.3%}")
        table.line("    worst (bar 98 %)", f"{min(values):.3%}", min(values) >= WORST_BAR)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("heliobench")
    parser.add_argument("--books", type=int)
    parser.add_argument("--limited", type=int)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--short", action="store_true")
    options = parser.parse_args()
    try:
        import highspy  # noqa: F401
    except ImportError as error:
        print(f"SKIPPED: {error}; Tests/Interop/requirements.txt names it")
        return 0
    free = options.books or (20 if options.short else 1000)
    limited = options.limited or (15 if options.short else 250)
    books = [book(seed, FREE) for seed in range(free)]
    books += [book(seed, kind) for kind in (DENSE, SPARSE) for seed in range(limited)]
    fine = [book(seed, FREE, whole=False) for seed in range(free // 10)]
    answers = clear(options.heliobench, books + fine)
    try:
        with concurrent.futures.ProcessPoolExecutor(options.processes) as pool:
            rows = list(pool.map(share, books + fine, answers, chunksize=10))
    except Broken as error:
        print(f"NOT ALLOWED: {error}")
        return 1
    table = Table()
    shares(table, rows[:len(books)])
    values = [row["fine"] for row in rows[len(books):]]
    table.line("orders of any milliwatt-hour: share left by whole lots, mean",
               f"{statistics.mean(values):.3%}")
    table.line("  worst", f"{min(values):.3%}")
    if not options.short:
        times(table, options.heliobench)
    print("Every bar is met" if table.met else "A bar is missed: see NO above")
    return 0 if table.met else 1


if __name__ == "__main__":
    sys.exit(main())
