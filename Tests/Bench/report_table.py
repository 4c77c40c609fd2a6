"""The table that a report prints."""


class Table:
    """Lines with their bars, and whether all were met."""

    def __init__(self):
        self.met = True

    def line(self, label, text, holds=None):
        mark = "" if holds is None else "   yes" if holds else "   NO"
        self.met = self.met and holds is not False
        print(f"  {label:<60}{text:>14}{mark}")
