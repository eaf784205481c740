"""The commands by which a request reads its contact, packed once for each partition, policy and version."""

from collections.abc import Sequence
from typing import NamedTuple, Self

from dog.storage.keys import TenantKeys, contact_suffix
from dog.storage.server_connection import pack_template

LEDGERS = ("verdicts", "outcomes")
DIGEST, TOMBSTONE = b"{contact digest}", b"{its tombstone!}"
"""They are replaced by those of a contact, which are as long."""


class ContactReads(NamedTuple):
    """Packed commands that read the tenant's head, and one contact of a partition."""

    head_key: bytes
    head: bytes
    key: bytes
    contact: bytes
    hashes: int

    @classmethod
    def of(cls, tenant: TenantKeys, partition: int, hashes: Sequence[tuple[str, str]]) -> Self:
        """Return the commands for a partition and some hashes that have a field a contact, given by name and suffix.

        Whether the contact was erased is read last, so that an erasure on the way is not taken for missing data.
        """
        keys, head_key = tenant.partition(partition), tenant.of("head")
        ledgers = [("GET", keys.contact(ledger, DIGEST)) for ledger in LEDGERS]
        fields = [("HGET", keys.of(name, suffix), DIGEST) for name, suffix in hashes]
        erased = keys.of("erased")
        contact = pack_template(
            [*ledgers, *fields, ("SISMEMBER", erased, TOMBSTONE)], contact_suffix(DIGEST), DIGEST, TOMBSTONE
        )
        return cls(head_key, pack_template([("HGETALL", head_key)]), erased, contact, len(hashes))

    @property
    def answers(self) -> int:
        """How many answers the commands of a contact have: one a ledger, one a hash, and whether it was erased."""
        return len(LEDGERS) + self.hashes + 1

    def of_contact(self, digest: bytes, tombstone: bytes) -> bytes:
        """Return the commands for one contact."""
        suffix = contact_suffix(digest)
        return self.contact % (suffix, suffix, *(digest,) * self.hashes, tombstone)
