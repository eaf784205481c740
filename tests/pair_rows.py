"""All pairs of a tenant, for tests."""

from collections.abc import Iterator
from typing import Any

from dog.services.pairs.read_multipliers import partition_rows, read_pair_numbers
from dog.services.runtime import Runtime
from dog.storage.store import Store


def every_row(runtime: Runtime, store: Store, policy: str | None) -> Iterator[dict[str, Any]]:
    """Yield all pairs of the active version."""
    numbers = read_pair_numbers(runtime, store, policy)
    for partition in range(store.tenant.partition_count):
        yield from partition_rows(store, partition, numbers)
