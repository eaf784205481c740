"""A rehearsal has the numbers of the load that follows, and changes nothing."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dog.errors import NotFound
from dog.services.data.load_file import load_file
from dog.services.data.loads.rehearse import rehearse_file
from dog.services.lists.unknown_names import LoadedContacts
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store, Tenant, put_tenant
from dog.storage.tenant_settings import set_unknown_setting
from tests.conftest import SECRET, Clock
from tests.loads_world import dumped, event, load, write_rows

TIMES = ("2026-11-18T10:00:00Z", "2026-10-01", "soon", "2027-05-01T00:00:00Z")
IDS = st.sampled_from(["e1", "e2", "e3", "e4", ""])
CONTACTS = st.sampled_from(["c1", "c2", "c9", ""])
PRODUCTS = st.sampled_from(["p1", "p2", "p9", ""])
feedback = st.fixed_dictionaries(
    {
        "event_id": IDS,
        "type": st.sampled_from(["pitch", "win", "loss", "discard", "bought"]),
        "contact_id": CONTACTS,
        "product_id": PRODUCTS,
        "occurred_at": st.sampled_from(TIMES),
        "pitch_id": st.sampled_from(["", "", "e1", "e2"]),
    }
)
scores = st.fixed_dictionaries(
    {
        "contact_id": CONTACTS,
        "product_id": PRODUCTS,
        "model": st.sampled_from(["cf", "new", "start"]),
        "score": st.sampled_from(["0.1", "0.2", "x"]),
        "as_of": st.sampled_from(["2026-11-01", "2026-10-01", "2026-11-02"]),
    }
)
products = st.fixed_dictionaries({"product_id": PRODUCTS, "hue": st.sampled_from(["", "red", "blue"])})
contacts = st.fixed_dictionaries({"contact_id": CONTACTS, "age": st.sampled_from(["", "7", "8"])})
transactions = st.fixed_dictionaries(
    {"contact_id": CONTACTS, "product_id": PRODUCTS, "occurred_at": st.sampled_from(TIMES)}
)
files = st.one_of(
    *(
        st.tuples(st.just(kind), st.lists(rows, max_size=12))
        for kind, rows in {
            "feedback": feedback,
            "scores": scores,
            "products": products,
            "contacts": contacts,
            "transactions": transactions,
        }.items()
    )
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(files, min_size=1, max_size=3), st.sampled_from(["accept", "refuse", "quarantine"]))
def test_a_rehearsal_counts_what_the_load_counts_and_changes_no_key(
    runtime: Runtime, tmp_path: Path, loads: list[tuple[str, list[dict[str, Any]]]], unknown: str
) -> None:
    runtime.redis.flushall()
    runtime.forget("default")
    runtime.share(LoadedContacts())  # of an example before
    (tmp_path / "feedback.csv.rejected.csv").unlink(missing_ok=True)
    put_tenant(runtime.redis, Tenant("default", SECRET, 64))
    load(runtime, tmp_path, "products", {"product_id": "p1"}, {"product_id": "p2"})
    load(runtime, tmp_path, "contacts", {"contact_id": "c1", "name": "Ann"}, {"contact_id": "c2", "name": "Bob"})
    set_unknown_setting(runtime.store("default"), unknown)
    for kind, rows in loads:
        if not rows:
            continue
        path = write_rows(tmp_path / f"{kind}.csv", rows)
        before = dumped(runtime.redis, runtime)
        rehearsed = rehearse_file(runtime, "default", kind, path)
        assert dumped(runtime.redis, runtime) == before
        assert not (tmp_path / f"{kind}.csv.rejected.csv").exists()

        loaded = load_file(runtime, "default", kind, path)

        assert rehearsed.counts == loaded.counts
        (tmp_path / f"{kind}.csv.rejected.csv").unlink(missing_ok=True)


def test_a_rehearsal_names_what_would_be_created_and_the_first_reasons(
    runtime: Runtime, loaded: Store, tmp_path: Path
) -> None:
    del loaded
    bad = [event(f"e{n}", occurred_at="soon") for n in range(12)]
    rows = [event("w1", "win", pitch_id="e3"), event("x1", contact="new"), *bad]
    found = rehearse_file(runtime, "default", "feedback", write_rows(tmp_path / "a.csv", rows))

    assert found.created == ["1 contact"]
    assert found.counts.by_code == {"invalid_event": 12, "pitch_refused": 1}
    assert len(found.reasons) == 10
    assert found.reasons[0] == (
        "line 2: pitch_refused: its pitch 'e3' (line 7) was refused; fix the pitch and load both"
    )
    scored = {"contact_id": "c1", "product_id": "p9", "model": "new", "score": "1", "as_of": "2026-11-01"}
    assert rehearse_file(runtime, "default", "scores", write_rows(tmp_path / "b.csv", [scored])).created == [
        "1 model (new)"
    ]
    product = {"product_id": "p8", "hue": "red"}
    assert rehearse_file(runtime, "default", "products", write_rows(tmp_path / "c.csv", [product])).created == [
        "1 product (p8)",
        "1 attribute (product.hue)",
    ]


def test_a_rehearsal_tells_what_falls_into_published_weeks(
    runtime: Runtime, loaded: Store, clock: Clock, tmp_path: Path
) -> None:
    del loaded
    load(runtime, tmp_path, "feedback", event("e1"), event("e2", "win"))
    clock.set("2026-11-24T12:00:00")
    run_recompute(runtime, "default")
    late = write_rows(tmp_path / "late.csv", [event("e3"), event("e4", occurred_at="2026-11-24T10:00:00Z")])

    found = rehearse_file(runtime, "default", "feedback", late)

    assert found.counts.in_published_weeks == 1
    assert found.late is not None
    assert found.late.startswith("events of published weeks that came late: 1 ")


def test_a_rehearsal_makes_no_tenant(runtime: Runtime, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", [{"contact_id": "c1", "name": "Ann"}])

    assert rehearse_file(runtime, "stranger", "contacts", path).counts.accepted == 1
    assert runtime.redis.keys("*") == []
    with pytest.raises(NotFound):
        runtime.store("stranger")
