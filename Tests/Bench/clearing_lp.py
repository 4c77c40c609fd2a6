"""The best that a book allows, as linear programs for HiGHS.

Without limits one program says it: no price is needed to reach it. With limits there is one for
each price that an order names; between two of them fewer take part and credit pays for less.
"""

import highspy
import numpy

from clearing_books import OFFER

INFINITY = highspy.kHighsInf


class Program:
    """Columns: how much an offer sells to a bid, in kWh. Rows: offers, bids, pairs of authors."""

    def __init__(self, book, energies):
        self.orders, self.limits = book["orders"], book["limits"]
        credits = None if self.limits is None else {
            (seller, buyer): credit for seller, buyer, credit in self.limits}
        offers = [place for place in energies if self.orders[place][1] == OFFER]
        bids = [place for place in energies if self.orders[place][1] != OFFER]
        self.columns = [
            (offer, bid) for offer in offers for bid in bids
            if self.orders[offer][3] <= self.orders[bid][3]
            and self.orders[offer][0] != self.orders[bid][0]
            and (credits is None or self.pair(offer, bid) in credits)]
        rows = {place: row for row, place in enumerate(offers + bids)}
        upper = [energies[place] / 1e6 for place in rows]
        self.pair_rows = {}
        if credits is not None:
            for column in self.columns:
                self.pair_rows.setdefault(self.pair(*column), len(rows) + len(self.pair_rows))
            upper += [INFINITY] * len(self.pair_rows)
        self.credits = credits
        self.highs = highspy.Highs()
        self.highs.setOptionValue("output_flag", False)
        self.highs.setOptionValue("threads", 1)
        for most in upper:
            self.highs.addRow(-INFINITY, most, 0, [], [])
        for offer, bid in self.columns:
            places = [rows[offer], rows[bid]]
            if self.pair_rows:
                places.append(self.pair_rows[self.pair(offer, bid)])
            gain = (self.orders[bid][3] - self.orders[offer][3]) / 1000
            self.highs.addCol(-gain, 0, INFINITY, len(places),
                              numpy.array(places, dtype=numpy.int32), numpy.ones(len(places)))

    def pair(self, offer, bid):
        return self.orders[offer][0], self.orders[bid][0]

    def solve(self):
        """Credits."""
        self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"HiGHS: {self.highs.getModelStatus()}")
        return -self.highs.getInfo().objective_function_value

    def solve_at(self, price):
        for column, (offer, bid) in enumerate(self.columns):
            willing = self.orders[offer][3] <= price <= self.orders[bid][3]
            self.highs.changeColBounds(column, 0, INFINITY if willing else 0)
        for pair, row in self.pair_rows.items():
            self.highs.changeRowBounds(row, -INFINITY, self.credits[pair] / price)
        return self.solve()


def best_welfare(book, energies):
    """In credits: without limits at any prices, with limits at the best single price."""
    program = Program(book, energies)
    if not program.columns:
        return 0.0
    if book["limits"] is None:
        return program.solve()
    prices = sorted({book["orders"][place][3] for place in energies})
    return max(program.solve_at(price) for price in prices)
