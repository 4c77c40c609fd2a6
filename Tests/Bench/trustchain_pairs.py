"""Pairs of linked TrustChain blocks a second: two nodes of pyipv8's in one process, no network.

    trustchain_pairs.py DIRECTORY PAIRS

A makes a proposal, B the agreement that links to it. Each signs its own block, decodes the other's
from its bytes, validates it and stores both in its own database, by pyipv8's own code, in the order
of TrustChainCommunity.sign_block and process_half_block. Left out, in its favour: a node validates
no block of its own, and looks no earlier block over. Keys are of curve25519, pyipv8's default and
the only ones that fit the wire form of its blocks.
"""

import os
import sys
import time

from ipv8.attestation.trustchain.block import TrustChainBlock, ValidationResult
from ipv8.attestation.trustchain.database import TrustChainDB
from ipv8.attestation.trustchain.payload import HalfBlockPayload
from ipv8.keyvault.crypto import default_eccrypto
from ipv8.messaging.serialization import default_serializer


class Node:
    """A key and a database."""

    def __init__(self, directory):
        self.key = default_eccrypto.generate_key("curve25519")
        self.name = self.key.pub().key_to_bin()
        self.database = TrustChainDB(directory, "trustchain", my_pk=self.name)

    def write(self, transaction=None, to=None, link=None):
        """Makes, signs and stores a block; its bytes."""
        block = TrustChainBlock.create(
            b"bench", transaction, self.database, self.name, link=link, link_pk=to
        )
        block.sign(self.key)
        self.database.add_block(block)
        return block.pack()

    def take(self, packed):
        """Decodes, validates and stores another's block."""
        payload, _ = default_serializer.unpack_serializable(HalfBlockPayload, packed)
        block = TrustChainBlock.from_payload(payload, default_serializer)
        state, errors = block.validate(self.database)
        # The next block of a chain is never there yet.
        if state not in (ValidationResult.valid, ValidationResult.partial_next):
            raise SystemExit(f"trustchain_pairs: a block is not valid: {state} {errors}")
        if not self.database.contains(block):
            self.database.add_block(block)
        return block

    def setting(self, name):
        """What SQLite says of a pragma."""
        (value,) = next(self.database.execute(f"PRAGMA {name}"))
        return value.decode() if isinstance(value, bytes) else value


def main():
    directory, pairs = sys.argv[1], int(sys.argv[2])
    nodes = [Node(os.path.join(directory, name)) for name in ("a", "b")]
    start = time.perf_counter()
    for number in range(pairs):
        amount = {b"amount": 1000 + number % 1000}
        proposal = nodes[1].take(nodes[0].write(amount, to=nodes[1].name))
        nodes[0].take(nodes[1].write(link=proposal))
    rate = int(pairs / (time.perf_counter() - start))
    for node in nodes:
        count = sum(len(node.database.get_latest_blocks(key.name, pairs)) for key in nodes)
        if count != 2 * pairs:
            raise SystemExit(f"trustchain_pairs: {count} blocks are stored, not {2 * pairs}")
    print(rate, nodes[0].setting("journal_mode"), nodes[0].setting("synchronous"))


main()
