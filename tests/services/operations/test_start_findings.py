"""Doctor says of the model start whether it is trained, what is on, and what to do."""

from dataclasses import replace

from dog.core.policy.policy import Policy
from dog.core.policy.policy_settings import START, ModelSettings
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.operations.doctor import run_doctor
from dog.services.operations.start_findings import check_start
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_models
from dog.storage.store import Store
from tests.start_world import load_tastes

BOUGHT = {"contact_id": "c1", "product_id": "p1", "occurred_at": "2026-11-11T10:00:00Z"}
USES = Policy(name="recommended", models={START: ModelSettings(role="fallback")})


def test_a_tenant_without_events_is_in_order_and_is_said_what_would_help(store: Store) -> None:
    found = check_start(store, None, [USES])

    assert found.ok
    assert found.says == "no purchase and no win yet; products are ordered by value"
    assert "load transactions" in (found.fix or "")


def test_transactions_without_a_training_are_a_fault(runtime: Runtime, store: Store) -> None:
    import_rows(store, "transactions", [BOUGHT], runtime.settings.zone)

    found = check_start(store, None, [USES])

    assert not found.ok
    assert found.says.startswith("never trained, though 1 contact bought something")
    assert (found.fix or "").startswith("dog jobs train")


def test_feedback_alone_may_hold_no_win_and_is_no_fault(runtime: Runtime, loaded: Store) -> None:
    record_feedback(loaded, [{"event_id": "1", "type": "loss", **BOUGHT}], runtime.clock())

    found = check_start(loaded, None, [USES])

    assert (found.ok, found.says[:15]) == (True, "not trained yet")


def test_a_trained_model_says_what_is_on_and_since_when(runtime: Runtime, store: Store) -> None:
    load_tastes(runtime, store)

    found = check_start(store, read_models(store)[START], [USES])

    assert found.ok
    assert found.says.startswith("300 contacts, ")
    assert found.says.endswith("trained 2026-11-20T12:00:00+00:00")


def test_a_model_that_no_policy_names_is_a_fault(runtime: Runtime, store: Store) -> None:
    load_tastes(runtime, store)

    found = check_start(store, read_models(store)[START], [replace(USES, models={"cf": ModelSettings()})])

    assert (found.ok, found.says.endswith("no policy uses it")) == (False, True)


def test_doctor_says_one_thing_of_it_and_never_that_it_has_no_scores(runtime: Runtime, loaded: Store) -> None:
    before = [one.says for one in run_doctor(runtime, "default") if one.about == "model start"]
    load_tastes(runtime, loaded)
    after = [one.says for one in run_doctor(runtime, "default") if one.about == "model start"]

    assert [len(before), len(after)] == [1, 1]
    assert not any("scores" in says for says in before + after)
