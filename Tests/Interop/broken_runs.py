"""Folded records with the record after them, as items of a frame, that a ledger must refuse."""

import cbor2
from nacl.signing import SigningKey

from signed_content import ABSENT, Writer, digest, identity_of, signed_by

ACCEPT, CONFIRM, LIMIT, CHECKPOINT = 1, 2, 6, 16


class Folder:
    """An author of whose chain the first records are folded and the next is not."""

    def __init__(self, community: bytes, peer: bytes, time: int):
        self.community, self.peer, self.time = community, peer, time
        self.seed = bytes([36]) * 32
        self.kinds = [ACCEPT, CONFIRM, ACCEPT]
        self.contents = [digest(b"content %d" % number) for number in range(3)]

    def remainders(self, kinds=None, contents=None) -> list:
        return list(zip(kinds or self.kinds, contents or self.contents))

    def record_after(self, remainders: list, first: int, previous: bytes, sequence=None) -> bytes:
        """A signed LIMIT that names the last of them."""
        for kind, content in remainders:
            previous = identity_of(previous, kind, content)
        sequence = first + len(remainders) if sequence is None else sequence
        writer = Writer(self.seed, self.community, sequence, previous)
        return signed_by(writer.key, writer.fields(LIMIT, self.peer, b"", [1], self.time))

    def item(self, first=0, previous=ABSENT, remainders=None, packed=None, record=None) -> bytes:
        """The run and the record that follows it, or whatever is named instead."""
        remainders = self.remainders() if remainders is None else remainders
        if packed is None:
            packed = b"".join(kind.to_bytes(2, "big") + content for kind, content in remainders)
        if record is None:
            record = self.record_after(remainders, max(first, 0), previous)
        return cbor2.dumps(["folded1", first, previous, packed, record], canonical=True)


def runs(forger, time: int) -> None:
    """Adds each to what the forger has found."""
    folder = Folder(forger.community, forger.peer, time)
    whole = folder.remainders()
    after = folder.record_after(whole, 0, ABSENT)
    packed = b"".join(kind.to_bytes(2, "big") + content for kind, content in whole)
    limits = folder.remainders(kinds=[ACCEPT, LIMIT, ACCEPT])
    checkpoints = folder.remainders(kinds=[ACCEPT, CHECKPOINT, ACCEPT])
    unknown = folder.remainders(kinds=[ACCEPT, 999, ACCEPT])
    before = digest(b"before")
    forger.add("run of nothing", folder.item(packed=b"", record=after))
    forger.add("run cut short", folder.item(packed=packed[:-1], record=after))
    forger.add("run as text", folder.item(packed="x" * 34, record=after))
    forger.add("run from -1", folder.item(first=-1, record=after))
    forger.add("run from a number in words", folder.item(first=b"", record=after))
    forger.add("run from 0 with a previous", folder.item(previous=before))
    forger.add("run from 1 without a previous", folder.item(first=1))
    forger.add("run before no record", folder.item(record=b""))
    forger.add("run before a record as text", folder.item(record="record"))
    forger.add("run before a run", folder.item(record=folder.item()))
    forger.add("run and trailing byte", folder.item() + b"\x00")
    forger.add("run with a LIMIT", folder.item(remainders=limits))
    forger.add("run with a CHECKPOINT", folder.item(remainders=checkpoints))
    forger.add("run with a kind of later times", folder.item(remainders=unknown))
    forger.add("run over a record that is never folded", folder.item(1022, before))
    forger.add(
        "run of another kind than was signed",
        folder.item(remainders=folder.remainders(kinds=[ACCEPT] * 3), record=after))
    forger.add(
        "run of another content than was signed",
        folder.item(
            remainders=folder.remainders(contents=[before, *folder.contents[1:]]), record=after))
    forger.add("run that leaves one out", folder.item(remainders=whole[:2], record=after))
    forger.add("run in another order", folder.item(remainders=whole[::-1], record=after))
    later = folder.record_after(whole, 0, ABSENT, sequence=4)
    forger.add("run before a later record", folder.item(record=later))
    forged = SigningKey(bytes([34]) * 32).sign(after[:-64]).signature
    forger.add("run before a forged record", folder.item(record=after[:-64] + forged))
    forger.add("run after what is not known", folder.item(2, before))
    forger.run = folder.item()
