"""Fit the model `start` to the purchases and wins of a tenant, and make it the active version."""

from collections.abc import Callable
from dataclasses import replace

from threadpoolctl import threadpool_limits

from dog.models.start.fit_start import MOST_CONTACTS, StartReport
from dog.models.start.learned_memory import write_memory
from dog.models.start.start_file import write_start
from dog.offline.history.read_purchases import read_purchases
from dog.offline.start_data import describe_start, fit_to_purchases, read_known_since
from dog.offline.train_memory import train_memory
from dog.services.runner import LocalRunner, Runner
from dog.services.runtime import Runtime
from dog.services.weekly.describe_loads import describe_loads
from dog.storage.catalogue import read_catalogue
from dog.storage.start_models import put_start
from dog.storage.store import Store

Report = Callable[[float, str], None]


def train_start(
    runtime: Runtime,
    store: Store,
    report: Report = lambda _share, _text: None,
    runner: Runner | None = None,
) -> StartReport | None:
    """Fit the model, prove it on the tenant's own history, and make it the active version.

    Returns what was proved; None where there is neither a purchase nor a win yet: then products go by their value.
    """
    report(0.0, "reading purchases and wins")
    events, catalogue = read_purchases(store, MOST_CONTACTS), read_catalogue(store)
    if not len(events.product):
        return None
    known_since = read_known_since(store, catalogue, runtime.clock())
    model, proved = fit_to_purchases(
        events, catalogue, known_since, lambda share, text: report(0.1 + 0.8 * share, text)
    )
    report(0.92, "remembering past cases")
    with threadpool_limits(1, "blas"):  # sums are in one order, so the result is reproducible
        memory = train_memory(store, model, catalogue, runtime.clock())
    proved = replace(proved, memory=memory[1] if memory else None)
    record = {
        "quality": {},
        "baseline": {},
        "proof": proved.to_document(),
        "load": describe_start(model, events).to_document(),
        "first_event_ms": int(events.at_ms.min()),
        "known_since": known_since.steps,
        "events": len(events.product),
        "data": events.fingerprint,
    }
    packed_memory = write_memory(memory[0]) if memory else b""
    put_start(store, write_start(model), record, runtime.clock(), packed_memory)
    describe_loads(runner or LocalRunner(runtime), store, runtime.clock())
    report(1.0, "done")
    return proved
