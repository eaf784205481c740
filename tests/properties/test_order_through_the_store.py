"""Whatever the order, repetition and batching in which the same events arrive, the store ends up the same."""

import itertools
from typing import Any

import numpy as np
import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dog.core.records import OUTCOME, VERDICT
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback, retract_feedback
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.pairs.read_multipliers import read_multipliers
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store
from tests.conftest import Clock

CONTACTS, PRODUCTS = ("c1", "c2"), ("p1", "p2")
TENANTS = itertools.count()

events = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["pitch", "pitch", "win", "loss", "accept", "discard"]),
            "contact_id": st.sampled_from(CONTACTS),
            "product_id": st.sampled_from(PRODUCTS),
            "minute": st.integers(0, 5),  # few, so that many events share their instant
            "names": st.integers(0, 20),
        }
    ),
    min_size=1,
    max_size=20,
)


def written(drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write drawn events out; every third win or loss names a pitch, perhaps one of another pair."""
    found = []
    for number, event in enumerate(drawn):
        document = {name: event[name] for name in ("type", "contact_id", "product_id")}
        document |= {"event_id": f"e{number}", "occurred_at": f"2026-11-10T08:0{event['minute']}:00Z"}
        if event["type"] in ("win", "loss") and event["names"] % 3 == 0:
            document["pitch_id"] = f"e{event['names'] % len(drawn)}"
        found.append(document)
    return found


def state_of(runtime: Runtime, store: Store) -> Any:
    """Read all that the events led to: ledgers, multipliers, lists."""
    tenant = store.tenant.name
    ledgers = []
    for contact_id in CONTACTS:
        contact = store.tenant.contact(contact_id)
        keys = store.tenant.partition(contact)
        for name, kind in (("outcomes", OUTCOME), ("verdicts", VERDICT)):
            packed = store.redis.get(keys.contact(name, contact)) or b""
            assert isinstance(packed, bytes)
            ledger = np.frombuffer(packed, kind)
            fields = ("at", "product", "type")  # digests differ from tenant to tenant
            ledgers.append([ledger[field].tolist() for field in fields])
    rows = read_multipliers(
        runtime, tenant, contact_id=None, product_id=None, policy="recommended", cursor=None, limit=100
    )["items"]
    numbers = sorted(
        (row["contact_id"], row["product_id"], row["pitches"], row["wins"], row["pending"], row["multiplier"])
        for row in rows
    )
    lists = [orjson.loads(recommend(runtime, tenant, ListRequest(c, dry_run=True)).body)["items"] for c in CONTACTS]
    return ledgers, numbers, lists


def fill(runtime: Runtime, arrivals: list[list[dict[str, Any]]]) -> Any:
    store = runtime.store(f"t{next(TENANTS)}", create=True)
    scores = [
        {"contact_id": c, "product_id": p, "model": "cf", "score": 0.3, "as_of": "2026-11-01"}
        for c in CONTACTS
        for p in PRODUCTS
    ]
    import_rows(store, "contacts", [{"contact_id": c} for c in CONTACTS], runtime.settings.zone)
    import_rows(store, "scores", scores, runtime.settings.zone)
    for batch in arrivals:
        record_feedback(store, batch, runtime.clock())
    return store


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=events, data=st.data())
def test_order_repetition_and_batching_change_nothing(runtime: Runtime, clock: Clock, drawn: Any, data: Any) -> None:
    clean = written(drawn)
    shuffled = data.draw(st.permutations(clean)) + data.draw(st.lists(st.sampled_from(clean), max_size=10))
    cut = data.draw(st.integers(0, len(shuffled)))
    states = []
    for arrivals in ([clean], [batch for batch in (shuffled[:cut], shuffled[cut:]) if batch]):
        store = fill(runtime, arrivals)
        run_recompute(runtime, store.tenant.name)
        states.append(state_of(runtime, store))

    assert states[0] == states[1]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=events, data=st.data())
def test_a_retracted_event_is_as_if_it_had_never_come(runtime: Runtime, clock: Clock, drawn: Any, data: Any) -> None:
    clean = written(drawn)
    gone = data.draw(st.sampled_from(clean))
    states = []
    for arrivals, retracts in (([clean], True), ([[event for event in clean if event is not gone]], False)):
        store = fill(runtime, [batch for batch in arrivals if batch])
        if retracts:
            retract_feedback(store, gone["event_id"])
        run_recompute(runtime, store.tenant.name)
        states.append(state_of(runtime, store))

    assert states[0][1:] == states[1][1:]
