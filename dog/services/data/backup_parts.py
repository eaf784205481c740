"""Read the keys of a backup by tasks: each dumps a block of keys of one partition; the blocks are joined in order.

The lines are the same, byte for byte, wherever the tasks run. The leader holds the keys of one partition and those of
`BLOCKS_PER_MAP` blocks, about 100 bytes a key; the names of all keys are in a file. A task, and a result that waits,
hold a block: `BLOCK_KEYS` keys and the rest of a contact's, and the large hashes of the partition that are among them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby

from dog.batched import batched
from dog.services.data.backup_writer import pack_key
from dog.services.runner import Runner
from dog.services.runtime import Runtime
from dog.services.spill_buffer import SpillFile
from dog.storage.store import Store
from dog.storage.tenant_dump import contact_of, dump_keys, in_order, scan_keys, split_key

BLOCK_KEYS = 1_000
BLOCKS_PER_MAP = 256
KEYS_PER_PIECE = 200_000
"""Keys that are held while they are looked for, before their names are written to the file."""

Block = tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpedBlock:
    """What the keys of a block hold, as lines of the backup."""

    count: int  # of keys that were still there
    lines: bytes


class FoundKeys:
    """The keys of a tenant, by partition; their names are in a file."""

    def __init__(self, file: SpillFile) -> None:
        self.count = 0  # of all, those that came twice included
        self._file = file
        self._pieces: dict[int, list[tuple[int, int]]] = {}  # of each partition; -1: of the whole tenant

    def add(self, keys: list[bytes]) -> None:
        """Keep some keys."""
        self.count += len(keys)
        for partition, own in groupby(sorted(keys, key=_partition_of), key=_partition_of):
            place = self._file.append([b"".join(key + b"\n" for key in own)])
            self._pieces.setdefault(partition, []).append(place)

    def blocks(self) -> Iterator[Block]:
        """Yield the keys in blocks, sorted by partition and contact; the keys of a contact are in one block."""
        for partition in sorted(self._pieces):
            names = b"".join(self._file.read(*place) for place in self._pieces[partition])
            block: list[bytes] = []
            for _, of_contact in groupby(in_order(set(names.splitlines())), key=contact_of):
                block += of_contact
                if len(block) >= BLOCK_KEYS:
                    yield tuple(block)
                    block = []
            if block:
                yield tuple(block)


@contextmanager
def found_keys(store: Store) -> Iterator[FoundKeys]:
    """Find all keys of a tenant, in one scan."""
    file = SpillFile()
    try:
        found = FoundKeys(file)
        for some in batched(scan_keys(store.redis, store.tenant.name), KEYS_PER_PIECE):
            found.add(some)
        yield found
    finally:
        file.close()


def dump_found(runner: Runner, store: Store, found: FoundKeys, renew: Callable[[], None]) -> Iterator[DumpedBlock]:
    """Dump keys by tasks: those of the whole tenant, and then those of partitions, which refer to them."""
    for _, blocks in groupby(found.blocks(), key=lambda block: _partition_of(block[0]) < 0):
        for some in batched(blocks, BLOCKS_PER_MAP):
            yield from runner.map(dump_block, some, store.tenant.name, edge=lambda _: renew())


def dump_block(runtime: Runtime, block: Block, tenant: str) -> DumpedBlock:
    """Dump the keys of a block, those of a contact atomically."""
    lines = list(map(pack_key, dump_keys(runtime.store(tenant), block)))
    return DumpedBlock(count=len(lines), lines=b"".join(lines))


def _partition_of(key: bytes) -> int:
    return split_key(key)[0]
