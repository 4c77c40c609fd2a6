"""Makes every test vector of Protocol.md anew and compares, balances included."""

import re

import cbor2
from second_ledger import SLOT, Chains, Accounts
from signed_content import Writer, community_named, digest, record_from, signed_by


def vectors(document: str) -> list:
    """Each vector's title and bytes, in the document's order."""
    part = document.split("## Test vectors", 1)[1]
    found = re.findall(r"^(\S.*):\n\n((?:    [0-9a-f]+\n)+)", part, re.MULTILINE)
    return [(title, bytes.fromhex("".join(lines.split()))) for title, lines in found]


def made_anew() -> tuple:
    """The vectors as this implementation makes them, and the records among them."""
    slot = 2_000_000
    begin, end = slot * SLOT, (slot + 1) * SLOT
    time = begin - 600_000
    community = community_named("test")
    writers = {seed: Writer(bytes([seed]) * 32, community) for seed in (7, 8, 9)}
    a, b, c = (writers[seed].author for seed in (7, 8, 9))
    model, work, quote, root = (digest(bytes([n])) for n in (1, 2, 3, 4))
    offer = signed_by(
        writers[7].key, ["order1", community, a, 1, slot, 500_000, 10_000, time])
    made = {
        "community": community, "public key of seed 07": a, "public key of seed 08": b,
        "public key of seed 09": c, "OFFER by 07, signed": offer,
        "its identity": digest(offer[:-64])}
    records = []

    def write(title, seed, kind, peer, link=b"", body=()):
        record = writers[seed].record(kind, peer, link, list(body), time)
        made[title] = record.signed
        records.append(record)
        return record.identity

    def meter(seed, contract):
        signed = signed_by(writers[seed].key, [
            "meter1", contract, writers[seed].author, begin, 1_000_000, end, 1_450_000, 1000,
            450_000])
        made[f"METER of {seed:02}, signed"] = signed
        return digest(signed[:-64])

    write("LIMIT by 07", 7, 6, b, b"", [20_000, 250, 50_000])
    energy = write("ACCEPT by 08", 8, 1, a, made["its identity"], [1, slot, 500_000, 10_000, b""])
    step = write("CONFIRM by 07", 7, 2, b, energy)
    step = write("BIND by 08", 8, 3, a, step)
    statements = [meter(7, energy), meter(8, energy)]
    step = write("SETTLE by 07", 7, 4, b, step, [450_000, 4500, *statements])
    write("ACKNOWLEDGE by 08", 8, 5, a, step)
    terms = [2, model, work, 10, 1000, 3_000_000, end]
    step = write("ACCEPT of computing by 08", 8, 1, a, quote, terms)
    step = write("CONFIRM by 07, of computing", 7, 2, b, step)
    step = write("COMMIT by 07", 7, 9, b, step, [root, 9, 900])
    step = write("PICK by 08", 8, 10, a, step)
    step = write("SETTLE by 07, of computing", 7, 4, b, step, [900, 2700])
    write("DISPUTE by 08", 8, 8, a, step, [800, 2400, 2])
    step = write("another ACCEPT by 08", 8, 1, a, quote, terms)
    step = write("its CONFIRM by 07", 7, 2, b, step)
    write("CANCEL by 07", 7, 7, b, step)
    payment = write("PAYMENT by 08", 8, 11, a, b"", [2000])
    write("RECEIPT by 07", 7, 12, b, payment, [2000])
    write("DEFAULT by 07", 7, 13, b, b"", [1000])
    circle = write("NET by 08", 8, 14, a, b"", [1500, end, b, a, c])
    write("AGREE by 07", 7, 15, b, circle)
    write("AGREE by 09", 9, 15, b, circle)
    step = write("CHECKPOINT by 08", 8, 16, a, b"", [0, 0, 0, 0, 0])
    made["its identity, of a record"] = write("COUNTERSIGN by 07", 7, 17, b, step, [0])
    own = [record for record in records if record.author == b]
    remainders = b"".join(
        record.kind.to_bytes(2, "big") + digest(record.signed[:-64]) for record in own[:2])
    made["records 0 and 1 of 08, folded before its record 2"] = cbor2.dumps(
        ["folded1", 0, b"", remainders, own[2].signed], canonical=True)
    return made, records, (a, b, c)


def check(document: str) -> dict:
    """How many vectors agree, and what does not."""
    known = vectors(document)
    made, records, (a, b, c) = made_anew()
    faults = [title for title, content in known if made.get(title) != content]
    faults += [f"{title}: not in the document" for title in made if title not in dict(known)]
    chains = Chains(community_named("test"))
    for record in records:
        chains.take(record_from(record.signed))
    accounts = Accounts(chains)
    figures = {
        (a, b): (accounts.balances[a, b], 3400), (c, a): (accounts.balances[c, a], -1500),
        (b, c): (accounts.balances[b, c], -1500), "limit": (accounts.limit(a, b), 20_500)}
    faults += [f"{what}: {found}" for what, (found, wanted) in figures.items() if found != wanted]
    return {"vectors": len(known), "faults": faults}
