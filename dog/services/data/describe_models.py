"""Describe the models of a tenant, and change what an administrator states of one."""

from datetime import UTC
from typing import Any

from dog.core.iso_weeks import iso_time
from dog.core.policy.policy_settings import START
from dog.errors import InvalidInput, NotFound
from dog.services.data.row_values import parse_row_time, refuse_computed
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.storage.audit_log import record_audit_entry
from dog.storage.catalogue import read_models
from dog.storage.consolidation_fits import read_loads
from dog.storage.model_dates import state_model

TOLERANCE_MS = 5 * 60_000
"""How far in the future a cut-off may lie, for clocks that differ."""


def describe_models(runtime: Runtime, tenant: str) -> list[dict[str, Any]]:
    """Return every model with the dates of its scores, their number, and the policies that use it, by name.

    The model start has no stored scores: of it there are the date of its training and what that proved.
    """
    store, now_ms = runtime.store(tenant), runtime.clock()
    policies, loads = runtime.shared(Snapshots).current(store).policies, read_loads(store)
    found = []
    for name, record in read_models(store).items():
        as_of_ms, load = record.get("as_of_ms"), loads.of(name)
        found.append(
            {
                "name": name,
                "direction": record.get("direction"),
                "as_of": _time(as_of_ms),
                "age_seconds": None if as_of_ms is None else max(0, now_ms - as_of_ms) / 1000,
                "trained_until": _time(record.get("trained_until_ms")),
                "previous_trained_until": _time(record.get("previous_trained_until_ms")),
                "rows": None if load is None or name == START else load.count,
                "trained_at": _time(record.get("made_at_ms")),
                "proof": record.get("proof"),
                "changes": record.get("changes", 0),
                "policies": {
                    policy: None if settings.is_fallback else settings.weight
                    for policy, active in policies.items()
                    if (settings := active.policy.models.get(name)) is not None
                },
            }
        )
    return found


def change_model(runtime: Runtime, tenant: str, name: str, changes: dict[str, Any]) -> dict[str, Any]:
    """Change `trained_until` or `direction` of a model, None for not known; what is left out stays.

    Raises
    ------
    NotFound
        The model has no scores.
    InvalidInput
        The cut-off is not a time with an offset, or is in the future; or the service computes the model's scores.

    """
    refuse_computed(name)
    store = runtime.store(tenant)
    if name not in read_models(store):
        raise NotFound(f"model '{name}' has no scores; load some: POST /v1/scores", code="unknown_model")
    trained_until = changes.get("trained_until")
    until_ms = None if trained_until is None else parse_row_time(trained_until, "trained_until", UTC)
    if until_ms is not None and until_ms > runtime.clock() + TOLERANCE_MS:
        raise InvalidInput("trained_until is in the future")
    state_model(
        store,
        name,
        trained_until_ms=until_ms,
        forgets_training="trained_until" in changes and until_ms is None,
        direction=changes.get("direction"),
        forgets_direction="direction" in changes and changes["direction"] is None,
    )
    record_audit_entry(store.redis, tenant, "model.change", name, **changes)
    return next(model for model in describe_models(runtime, tenant) if model["name"] == name)


def _time(at_ms: int | None) -> str | None:
    return None if at_ms is None else iso_time(at_ms, "seconds")
