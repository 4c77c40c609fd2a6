"""Signed content of the protocol between nodes: strict CBOR, identities, signatures, records.

Written from Protocol.md alone, so that a fault of the document or of the node shows as a
difference between the two.
"""

import hashlib
import io
from dataclasses import dataclass

import cbor2
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

LONGEST = 4096
DEEPEST = 8
LARGEST = 10**15
ABSENT = b""

KINDS = {
    1: "ACCEPT", 2: "CONFIRM", 3: "BIND", 4: "SETTLE", 5: "ACKNOWLEDGE", 6: "LIMIT",
    7: "CANCEL", 8: "DISPUTE", 9: "COMMIT", 10: "PICK", 11: "PAYMENT", 12: "RECEIPT",
    13: "DEFAULT", 14: "NET", 15: "AGREE", 16: "CHECKPOINT", 17: "COUNTERSIGN",
}


# Parts of contracts: no others can be folded.
FOLDABLE = {1, 2, 3, 4, 5, 7, 8, 9, 10}


class Refused(Exception):
    """Content that the protocol does not take, with the reason in words."""


def digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=32).digest()


def community_named(name: str) -> bytes:
    return digest(name.encode())[:16]


def decoded(content: bytes):
    """The one item that `content` is, when it is encoded as the protocol wants it."""
    stream = io.BytesIO(content)
    try:
        value = cbor2.CBORDecoder(stream).decode()
    except RecursionError as error:
        raise Refused("nested too deep") from error
    except Exception as error:
        raise Refused(f"no CBOR: {error}") from error
    check_kinds(value, 0)
    if cbor2.dumps(value, canonical=True) != content:
        raise Refused("not the one deterministic encoding of what it says, or bytes after it")
    return value


def check_kinds(value, depth: int) -> None:
    if type(value) is int:
        if not -(2**63) <= value < 2**63:
            raise Refused("an integer beyond 64 bits")
    elif type(value) is list:
        if depth == DEEPEST:
            raise Refused("nested too deep")
        for item in value:
            check_kinds(item, depth + 1)
    elif type(value) not in (bytes, str):
        raise Refused(f"an item of a kind that is not used: {type(value).__name__}")


def is_number(value, low: int = -LARGEST, high: int = LARGEST) -> bool:
    return type(value) is int and low <= value <= high


def is_bytes(value, *lengths: int) -> bool:
    return type(value) is bytes and len(value) in lengths


def opened(signed: bytes):
    """Content and its fields, the signature not checked yet."""
    if len(signed) > LONGEST:
        raise Refused(f"longer than {LONGEST} bytes")
    if len(signed) <= 64:
        raise Refused("too short for a signature")
    content = signed[:-64]
    fields = decoded(content)
    if type(fields) is not list:
        raise Refused("no array")
    return content, fields


def check_signature(author: bytes, content: bytes, signature: bytes) -> None:
    try:
        VerifyKey(author).verify(content, signature)
    except (BadSignatureError, ValueError) as error:
        raise Refused("the signature is not the author's of this content") from error


def signed_by(key: SigningKey, fields: list) -> bytes:
    content = cbor2.dumps(fields, canonical=True)
    return content + key.sign(content).signature


def identity_of(previous: bytes, kind: int, content: bytes) -> bytes:
    return digest((previous or bytes(32)) + kind.to_bytes(2, "big") + content)


@dataclass(frozen=True)
class Record:
    signed: bytes
    identity: bytes
    community: bytes
    author: bytes
    sequence: int
    previous: bytes
    time: int
    kind: int
    peer: bytes
    link: bytes
    body: list

    def __hash__(self) -> int:
        return hash(self.identity)

    @property
    def place(self):
        return (self.sequence, self.identity)

    @property
    def name(self) -> str:
        return KINDS.get(self.kind, f"kind {self.kind}")


def record_from(signed: bytes) -> Record:
    content, fields = opened(signed)
    if len(fields) != 10:
        raise Refused("a record has ten fields")
    version, community, author, sequence, previous, time, kind, peer, link, body = fields
    if not is_number(version, 1, 1):
        raise Refused("not a record of version 1")
    if not is_bytes(community, 16):
        raise Refused("community: 16 bytes wanted")
    if not is_bytes(author, 32):
        raise Refused("author: 32 bytes wanted")
    if not is_number(sequence, 0):
        raise Refused("sequence: 0 to 10^15 wanted")
    if not is_bytes(previous, 0 if sequence == 0 else 32):
        raise Refused("previous: absent for sequence 0, 32 bytes for others")
    if not is_number(time):
        raise Refused("time: beyond 10^15")
    if not is_number(kind, 0, 65_535):
        raise Refused("kind: 0 to 65,535 wanted")
    if not is_bytes(peer, 0, 32):
        raise Refused("peer: 32 bytes or absent")
    if not is_bytes(link, 0, 32):
        raise Refused("link: 32 bytes or absent")
    if type(body) is not list:
        raise Refused("body: an array wanted")
    check_signature(author, content, signed[-64:])
    return Record(
        signed, identity_of(previous, kind, digest(content)), community, author, sequence, previous,
        time, kind, peer, link, body)


@dataclass(frozen=True)
class Run:
    """Records of one author of which kinds and digests of their contents are left."""
    first: int
    previous: bytes
    remainders: list

    @property
    def identities(self) -> list:
        found = []
        for kind, content in self.remainders:
            found.append(identity_of(found[-1] if found else self.previous, kind, content))
        return found


def item_from(item: bytes):
    """A record, and the run before it where those before it are folded."""
    if not item.startswith(b"\x85\x67folded1"):
        return None, record_from(item)
    if len(item) > 4096 + 34 * 1024 + 256:
        raise Refused("longer than a record with a run before it")
    fields = decoded(item)
    if type(fields) is not list or len(fields) != 5:
        raise Refused("a run has five fields")
    _, first, previous, packed, signed = fields
    if not is_number(first, 0) or not is_bytes(previous, 0 if first == 0 else 32):
        raise Refused("a run: its first sequence, and what is before it")
    if type(packed) is not bytes or not packed or len(packed) % 34:
        raise Refused("a run: 34 bytes for each record")
    if type(signed) is not bytes:
        raise Refused("a run: the record after it")
    run = Run(first, previous, [
        (int.from_bytes(packed[at:at + 2], "big"), packed[at + 2:at + 34])
        for at in range(0, len(packed), 34)])
    record = record_from(signed)
    end = first + len(run.remainders)
    if any(sequence % 1024 == 1023 for sequence in range(first, end)):
        raise Refused("a run: a record that is never folded")
    if any(kind not in FOLDABLE for kind, _ in run.remainders):
        raise Refused("a run: a record of a kind that is never folded")
    if end != record.sequence or run.identities[-1] != record.previous:
        raise Refused("a run that its record does not follow")
    return run, record


class Writer:
    """One author's chain, written from here."""

    def __init__(self, seed: bytes, community: bytes, sequence: int = 0, previous: bytes = ABSENT):
        self.key = SigningKey(seed)
        self.author = bytes(self.key.verify_key)
        self.community = community
        self.sequence = sequence
        self.previous = previous

    def fields(self, kind: int, peer: bytes, link: bytes, body: list, time: int) -> list:
        return [
            1, self.community, self.author, self.sequence, self.previous, time, kind, peer, link,
            body]

    def record(self, kind: int, peer: bytes, link: bytes, body: list, time: int) -> Record:
        made = record_from(signed_by(self.key, self.fields(kind, peer, link, body, time)))
        self.sequence, self.previous = made.sequence + 1, made.identity
        return made


def sequence_of(data: bytes):
    """The byte strings of a CBOR sequence (RFC 8742)."""
    stream = io.BytesIO(data)
    decoder = cbor2.CBORDecoder(stream)
    found = []
    while stream.tell() < len(data):
        try:
            item = decoder.decode()
        except Exception as error:
            raise Refused(f"the file ends inside item {len(found)}, or is no CBOR") from error
        if type(item) is not bytes:
            raise Refused(f"item {len(found)} of the sequence is no byte string")
        found.append(item)
    return found
