"""Records that a ledger must refuse, each signed as well as it can be, and ones without effect."""

import struct

import cbor2
from nacl.signing import SigningKey

from broken_runs import runs
from second_ledger import SLOT, Chains
from signed_content import Refused, Writer, community_named, digest, signed_by

START = 2_000_000 * SLOT
TIME = START - 600_000


def head(major: int, value: int) -> bytes:
    """A CBOR head, shortest."""
    return bytes([major << 5 | value]) if value < 24 else bytes([major << 5 | 24, value])


class Forger:
    """Writes content byte by byte, so that it may be wrong anywhere, and signs it rightly."""

    def __init__(self):
        self.community = community_named("test")
        self.writer = Writer(bytes([31]) * 32, self.community)
        self.peer = Writer(bytes([32]) * 32, self.community).author
        self.known = [self.writer.record(6, self.peer, b"", [n], TIME) for n in (1, 2, 3)]
        other = Writer(bytes([33]) * 32, self.community)
        self.known.append(other.record(6, self.peer, b"", [1], TIME))
        self.known.append(other.record(6, self.peer, b"", [2], TIME))
        self.found = []

    def parts(self) -> list:
        """The next record's fields, each encoded."""
        fields = self.writer.fields(6, self.peer, b"", [1], TIME)
        return [cbor2.dumps(field) for field in fields]

    def sign(self, content: bytes, key: SigningKey = None) -> bytes:
        return content + (key or self.writer.key).sign(content).signature

    def add(self, name: str, signed: bytes) -> None:
        self.found.append((name, signed))

    def raw(self, name: str, field: int, encoded: bytes) -> None:
        """One field in other bytes."""
        parts = self.parts()
        parts[field] = encoded
        self.add(name, self.sign(head(4, 10) + b"".join(parts)))

    def field(self, name: str, **changes) -> None:
        """Fields of other values, in deterministic CBOR."""
        names = [
            "version", "community", "author", "sequence", "previous", "time", "kind", "peer",
            "link", "body"]
        fields = self.writer.fields(6, self.peer, b"", [1], TIME)
        for key, value in changes.items():
            fields[names.index(key)] = value
        self.add(name, signed_by(self.writer.key, fields))


def encodings(forger: Forger) -> None:
    plain = forger.parts()
    array = head(4, 10)
    forger.raw("integer not shortest", 0, b"\x18\x01")
    forger.raw("length not shortest", 1, b"\x59\x00\x10" + forger.community)
    forger.add(
        "indefinite array", forger.sign(b"\x9f" + b"".join(plain) + b"\xff"))
    forger.raw("indefinite byte string", 8, b"\x5f\x40\xff")
    forger.raw("map", 9, b"\xa0")
    forger.raw("float", 5, b"\xfb" + struct.pack(">d", 1.5))
    forger.raw("half float", 5, b"\xf9\x3c\x00")
    forger.raw("tag", 5, b"\xc1" + plain[5])
    forger.raw("big number", 0, b"\xc2\x41\x01")
    forger.raw("null", 8, b"\xf6")
    forger.raw("boolean", 0, b"\xf5")
    forger.raw("reserved head", 0, b"\x1c")
    forger.raw("integer beyond 64 bits", 5, b"\x1b" + b"\xff" * 8)
    forger.raw("text that is no UTF-8", 9, b"\x81\x62\xc3\x28")
    forger.raw("nine deep", 9, b"\x81" * 7 + b"\x80")
    forger.add("trailing byte", forger.sign(array + b"".join(plain) + b"\x00"))
    forger.add("cut short", forger.sign((array + b"".join(plain))[:-1]))
    forger.field("over 4096 bytes", body=[bytes(4096)])
    forger.add("a signature only", forger.writer.key.sign(b"").signature)
    forger.add("nothing", b"")


def forms(forger: Forger) -> None:
    fields = forger.writer.fields(6, forger.peer, b"", [1], TIME)
    forger.add("nine fields", signed_by(forger.writer.key, fields[:9]))
    forger.add("eleven fields", signed_by(forger.writer.key, fields + [b""]))
    forger.add("no array", forger.sign(cbor2.dumps(1)))
    forger.field("version 0", version=0)
    forger.field("version 2", version=2)
    forger.field("community of 15 bytes", community=forger.community[:15])
    forger.field("community as text", community="a community of 16"[:16])
    forger.field("author of 33 bytes", author=forger.writer.author + b"\x00")
    forger.field("author of 31 bytes", author=forger.writer.author[:31])
    forger.field("negative sequence", sequence=-1, previous=b"")
    forger.field("sequence beyond all", sequence=10**15 + 1)
    forger.field("sequence 0 with a previous", sequence=0)
    forger.field("sequence 3 without a previous", previous=b"")
    forger.field("previous of 31 bytes", previous=forger.writer.previous[:31])
    forger.field("time beyond all", time=10**15 + 1)
    forger.field("negative kind", kind=-1)
    forger.field("kind 65536", kind=65_536)
    forger.field("kind as text", kind="6")
    forger.field("peer of 31 bytes", peer=forger.peer[:31])
    forger.field("peer as text", peer="p" * 32)
    forger.field("link of 33 bytes", link=bytes(33))
    forger.field("body a number", body=1)
    forger.field("body of bytes", body=b"\x01")


def signatures(forger: Forger) -> None:
    good = forger.sign(head(4, 10) + b"".join(forger.parts()))
    order = signed_by(forger.writer.key, [
        "order1", forger.community, forger.writer.author, 1, 2_000_000, 1000, 1, TIME])
    forger.add("bad signature", good[:-1] + bytes([good[-1] ^ 1]))
    forger.add("content changed after signing", good[:-65] + b"\x02" + good[-64:])
    forger.add("signature by another key", forger.sign(good[:-64], SigningKey(bytes([34]) * 32)))
    forger.add("signature of an order", good[:-64] + order[-64:])
    forger.add("signature of the record before", good[:-64] + forger.known[2].signed[-64:])
    forger.add("an order", order)


def places(forger: Forger) -> None:
    forger.field("another community", community=community_named("elsewhere"))
    forger.field("gap", sequence=5, previous=digest(b"gap"))
    forger.field("previous of a branch that is not there", previous=digest(b"branch"))
    forger.field("previous of another author", previous=forger.known[4].identity)
    forger.field("previous two before", previous=forger.known[0].identity)


def broken() -> dict:
    """Each broken record or run with this implementation's reason; an unbroken one has none."""
    forger = Forger()
    for make in (encodings, forms, signatures, places):
        make(forger)
    runs(forger, TIME)
    result = []
    for name, signed in forger.found:
        chains = Chains(forger.community)
        for record in forger.known:
            chains.take(record)
        try:
            chains.take_item(signed)
            reason = None
        except Refused as error:
            reason = str(error)
        result.append({"name": name, "bytes": signed.hex(), "reason": reason})
    next_one = forger.writer.record(6, forger.peer, b"", [4], TIME)
    return {
        "known": [record.signed.hex() for record in forger.known], "broken": result,
        "next": next_one.signed.hex(), "run": forger.run.hex()}
