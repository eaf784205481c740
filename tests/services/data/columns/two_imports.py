"""Two imports at the same time: both have read the stored arrays before either writes."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import pytest

from dog.services.data.import_rows import import_rows
from dog.services.data.row_values import RowOutcome
from dog.services.runtime import Runtime
from dog.storage.contacts import read_arrays

Rows = Sequence[Mapping[str, Any]]


def import_at_once(
    runtime: Runtime, kind: str, module: ModuleType, loads: tuple[Rows, Rows]
) -> list[Sequence[RowOutcome]]:
    """Import rows of a kind in two threads, and return what becomes of them; `module` is the one that reads arrays."""
    both_have_read, of_thread = threading.Barrier(2, timeout=100), threading.local()

    def read_slowly(*place: Any) -> list[bytes | None]:
        found = read_arrays(*place)
        if not hasattr(of_thread, "has_read"):
            of_thread.has_read = True
            both_have_read.wait()
        return found

    store, zone = runtime.store("default"), runtime.settings.zone
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as pool:
        patch.setattr(module, "read_arrays", read_slowly)
        return list(pool.map(lambda rows: import_rows(store, kind, rows, zone), loads))
