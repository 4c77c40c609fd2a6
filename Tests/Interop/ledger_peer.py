"""A second ledger at a shell: verify FILE, vectors DOCUMENT, accept, answer, broken,
idle, choices.

Prints one line of JSON. `verify` ends with 1 when a record of the file is wrong.
"""

import json
import sys
from pathlib import Path

from broken_records import broken
from choice_records import choices
from idle_records import idle
from ledger_vectors import check
from second_ledger import SLOT, Accounts, Chains, summary
from signed_content import (
    KINDS, Refused, Writer, check_signature, digest, is_bytes, item_from, opened, sequence_of)


def chains_in(data: bytes) -> Chains:
    """The chains of an export, or the first record of it that is wrong."""
    chains = None
    for number, signed in enumerate(sequence_of(data), 1):
        try:
            chains = chains or Chains(item_from(signed)[1].community)
            chains.take_item(signed)
        except Refused as error:
            raise Refused(f"record {number}: {error}") from error
    return chains or Chains(b"")


def verify(path: str) -> dict:
    try:
        return summary(chains_in(Path(path).read_bytes()))
    except Refused as error:
        return {"fault": str(error)}


def writer_on(chains: Chains, seed: str, community: bytes) -> Writer:
    """The writer of the seed's chain, standing at its end."""
    writer = Writer(bytes.fromhex(seed), community)
    own = [record for record in chains.records.values() if record.author == writer.author]
    if own:
        last = max(own, key=lambda record: record.sequence)
        writer.sequence, writer.previous = last.sequence + 1, last.identity
    return writer


def accept(seed: str, offer: str, energy: str) -> dict:
    """A first chain: a limit for the seller, and an ACCEPT of a part of its offer."""
    signed = bytes.fromhex(offer)
    content, fields = opened(signed)
    name, community, author, side, slot, offered, price, time = fields
    check_signature(author, content, signed[-64:])
    if name != "order1" or side != 1 or not is_bytes(community, 16) or int(energy) > offered:
        raise Refused("no offer of so much")
    writer = Writer(bytes.fromhex(seed), community)
    records = [
        writer.record(6, author, b"", [5000], time),
        writer.record(1, author, digest(content), [1, slot, int(energy), price, b""], time)]
    return {"records": [record.signed.hex() for record in records]}


def answer(path: str, seed: str) -> dict:
    """The next record of each contract that waits for this author."""
    chains = chains_in(Path(path).read_bytes())
    writer = writer_on(chains, seed, chains.community)
    written = []
    for row in sorted(Accounts(chains).rows, key=lambda row: row.accept.place):
        if row.buyer == writer.author and row.state in ("confirmed", "settled"):
            kind = 3 if row.state == "confirmed" else 5
            time = row.terms.slot * SLOT - 1
            written.append(writer.record(kind, row.seller, row.last.identity, [], time))
    return {
        "records": [record.signed.hex() for record in written],
        "kinds": [KINDS[record.kind] for record in written]}


def vectors(path: str) -> dict:
    return check(Path(path).read_text())


def main() -> None:
    commands = {
        "verify": verify, "vectors": vectors, "accept": accept, "answer": answer,
        "broken": broken, "idle": idle, "choices": choices}
    result = commands[sys.argv[1]](*sys.argv[2:])
    print(json.dumps(result, sort_keys=True, separators=(",", ":")))
    sys.exit(1 if "fault" in result else 0)


if __name__ == "__main__":
    main()
