"""What is known of each model's scores besides their calibration: dates, training cut-offs, number of changes.

A scoring date (`as_of`) says to which moment the scores belong; a training cut-off (`trained_until`) says which
outcomes the model may have learned from. New scores of an old model change the first alone.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from dog.core.policy.policy_settings import Direction
from dog.storage.load_journal import add_tenant_rows
from dog.storage.store import Store

DATE_FIELDS = frozenset(
    {
        "as_of_ms",
        "trained_until_ms",
        "previous_trained_until_ms",
        "changes",
        "trainings",
        "direction",
        "load_id",
    }
)
"""Fields of a model's record that this module writes; `put_model` writes all others."""


FORGET = "-"


def record_scores(store: Store, model: str, as_of_ms: int | None, trained_until_ms: int | None = None) -> None:
    """Record that scores of a model changed (None: they did not), and up to when it was trained (None: not told).

    Times are milliseconds since 1970. An older cut-off than the known one changes nothing. A load may say so again and
    again: it counts as one change.
    """
    _record(store, model, as_of_ms, "" if trained_until_ms is None else trained_until_ms)


def state_model(
    store: Store,
    model: str,
    *,
    trained_until_ms: int | None = None,
    forgets_training: bool = False,
    direction: str | None = None,
    forgets_direction: bool = False,
) -> None:
    """Record what an administrator says of a model: a cut-off replaces all later ones; None leaves what is known."""
    told = FORGET if forgets_training else "" if trained_until_ms is None else trained_until_ms
    _record(store, model, None, told, "stated", FORGET if forgets_direction else direction or "")


def _record(
    store: Store, model: str, as_of_ms: int | None, trained: int | str, stated: str = "", direction: str = ""
) -> None:
    keys = [store.keys.of("model_dates"), store.keys.of("head")]
    scored = "" if as_of_ms is None else as_of_ms
    trip = store.trip()
    if store.load:
        add_tenant_rows(trip, store, "model_dates", {model: b""}, "note")
    trip.script("record_model_dates", keys, [model, scored, trained, stated, direction, store.load])
    if store.load:
        add_tenant_rows(trip, store, "model_dates", {model: b""}, "note")
    trip.send()


def read_directions(store: Store) -> dict[str, Direction]:
    """Read the directions that are stated of models, by name."""
    found = store.execute("HGETALL", store.keys.of("model_dates"))
    stated = {name.decode(): orjson.loads(document).get("direction") for name, document in found.items()}
    return {name: direction for name, direction in stated.items() if direction}


def parse_dates(document: bytes) -> dict[str, Any]:
    """Return the fields of a model's record from what is stored.

    `as_of_ms` is the newest date of its scores; `changes` grows whenever scores of the model change; `trainings` lists
    [cut-off, active multiplier version when it was recorded], oldest first; `trained_until_ms` is the newest cut-off,
    `previous_trained_until_ms` the one before; what is not known is left out.
    """
    dates: dict[str, Any] = orjson.loads(document)
    cutoffs = [int(at_ms) for at_ms, _ in dates.get("trainings") or ()]
    names = ("trained_until_ms", "previous_trained_until_ms")
    return dates | dict(zip(names, reversed(cutoffs), strict=False))


def trained_by(record: Mapping[str, Any], until_ms: int) -> int:
    """Return a model's newest training cut-off that is not after a moment; 0 where none is known.

    A model was retrained between two versions where both know a cut-off and the later one is greater: the first cut-off
    of a model is not a refresh.
    """
    return max((int(at_ms) for at_ms, _ in record.get("trainings") or () if at_ms <= until_ms), default=0)
