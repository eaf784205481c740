"""Calibration and stacking of each policy through the real store."""

from dataclasses import dataclass
from datetime import UTC
from typing import Any

import numpy as np
import pytest

from dog.core.log_odds import expit, logit
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.runner import LocalRunner
from dog.services.runtime import Runtime
from dog.services.weekly.fit_policies import refresh_consolidation
from dog.storage.consolidation_fits import read_fits, read_loads
from dog.storage.event_log import read_scores_of_entry
from dog.storage.retract import read_event
from dog.storage.store import Store
from tests.conftest import Api, Clock, event

CONTACTS, PRODUCTS = 60, 8
DANGER = np.random.default_rng(4).uniform(0.05, 0.95, (CONTACTS, PRODUCTS))
"""The score of the model `risk`: the lower, the better."""
CAREFUL = {"name": "careful", "models": {"risk": {"weight": 1.0, "direction": "lower_is_better"}}}


@dataclass
class World:
    api: Api
    runtime: Runtime
    store: Store
    clock: Clock

    def load(self, scores: np.ndarray, as_of: str) -> None:
        rows = [
            {
                "contact_id": f"k{c}",
                "product_id": f"q{p}",
                "model": "risk",
                "score": float(scores[c, p]),
                "as_of": as_of,
            }
            for c, p in np.ndindex(*scores.shape)
        ]
        assert {result.status for result in import_rows(self.store, "scores", rows, UTC)} == {"accepted"}
        refresh_consolidation(LocalRunner(self.runtime), self.store, self.clock())

    def pitch(self, day: str, *, through_api: bool, seed: int = 1) -> None:
        """Pitch every pair once; the safer, the more often it is won."""
        won = np.random.default_rng(seed).random(DANGER.shape) < expit(-1.5 * logit(DANGER) - 1.5)
        events = []
        for c, p in np.ndindex(*DANGER.shape):
            names = {"product_id": f"q{p}", "contact_id": f"k{c}"}
            name = f"{day}-{c}-{p}"
            events.append(event(name, "pitch", **names, occurred_at=f"{day}T08:00:00Z"))
            kind = "win" if won[c, p] else "loss"
            events.append(event(f"{name}-o", kind, **names, occurred_at=f"{day}T09:00:00Z", pitch_id=name))
        for start in range(0, len(events), 1000):
            some = events[start : start + 1000]
            if through_api:
                assert self.api.post("/v1/feedback", {"events": some}).status_code == 200
            else:
                record_feedback(self.store, some, self.clock())

    def listed(self, policy: str, contact: int = 0, **more: Any) -> list[dict[str, Any]]:
        body = {"contact_id": f"k{contact}", "policy": policy, "k": PRODUCTS, "dry_run": True, **more}
        answer = self.api.post("/v1/recommendations", body)
        assert answer.status_code == 200, answer.json
        items: list[dict[str, Any]] = answer.json["items"]
        return items


@pytest.fixture
def world(api: Api, store: Store, runtime: Runtime, clock: Clock) -> World:
    zone = runtime.settings.zone
    import_rows(store, "products", [{"product_id": f"q{p}"} for p in range(PRODUCTS)], zone)
    import_rows(store, "contacts", [{"contact_id": f"k{c}"} for c in range(CONTACTS)], zone)
    assert api.put("/v1/policies/careful", CAREFUL).status_code == 200
    return World(api, runtime, store, clock)


def scores_in_order_of_danger(items: list[dict[str, Any]], contact: int = 0) -> list[float]:
    by_product = {item["product_id"]: item["factors"]["consolidated"] for item in items}
    return [by_product[f"q{p}"] for p in np.argsort(DANGER[contact])]


def test_a_lower_is_better_model_of_a_policy_other_than_the_default_gives_a_falling_list(world: World) -> None:
    world.load(DANGER, "2026-10-01")

    before = scores_in_order_of_danger(world.listed("careful"))
    world.pitch("2026-10-05", through_api=False)
    refresh_consolidation(LocalRunner(world.runtime), world.store, world.clock())
    items = world.listed("careful")
    after = scores_in_order_of_danger(items)

    assert (np.diff(before) < 0).all()
    assert (np.diff(after) < 0).all()
    assert max(after) > 2 * min(after)
    assert items[0]["factors"]["models"]["risk"]["calibration"] == "platt"


def test_a_policy_that_reads_the_model_the_other_way_keeps_its_own_direction(world: World) -> None:
    daring = {"name": "daring", "models": {"risk": {"weight": 1.0}}}
    assert world.api.put("/v1/policies/daring", daring).status_code == 200
    world.load(DANGER, "2026-10-01")
    world.pitch("2026-10-05", through_api=False)
    refresh_consolidation(LocalRunner(world.runtime), world.store, world.clock())

    assert (np.diff(scores_in_order_of_danger(world.listed("careful"))) < 0).all()
    assert (np.diff(scores_in_order_of_danger(world.listed("daring"))) >= 0).all()


def test_pitches_older_than_all_scores_are_fitted_with_todays_and_the_fit_says_so(world: World) -> None:
    world.pitch("2026-10-05", through_api=False)
    world.load(DANGER, "2026-11-01")

    assert read_fits(world.store)["careful"].basis == "current"


def test_a_pitch_keeps_the_scores_that_it_was_made_with_and_the_load_that_they_are_of(world: World) -> None:
    assert world.api.put("/v1/policies/recommended", {**CAREFUL, "name": "recommended"}).status_code == 200
    world.load(DANGER, "2026-10-01")
    world.pitch("2026-11-16", through_api=True)
    contact = world.store.tenant.contact("k0")

    number, scores = read_scores_of_entry(read_event(world.store, contact, "2026-11-16-0-3"))

    assert number == read_loads(world.store).number == 1
    assert scores == {"risk": pytest.approx(DANGER[0, 3], rel=1e-6)}


def test_a_refit_that_changes_the_scale_of_a_model_keeps_its_calibration(world: World) -> None:
    assert world.api.put("/v1/policies/recommended", {**CAREFUL, "name": "recommended"}).status_code == 200
    world.load(5 + logit(DANGER), "2026-10-01")
    world.pitch("2026-11-16", through_api=True)
    refresh_consolidation(LocalRunner(world.runtime), world.store, world.clock())
    fit = read_fits(world.store)["recommended"]
    before = scores_in_order_of_danger(world.listed("recommended"))

    world.load(40 * (5 + logit(DANGER)), "2026-11-19")
    after = scores_in_order_of_danger(world.listed("recommended"))

    assert fit.basis == read_fits(world.store)["recommended"].basis == "pitch time"
    np.testing.assert_allclose(after, before, rtol=1e-4)


def test_a_fit_to_scores_of_pitch_time_is_not_replaced_by_one_to_scores_that_know_the_outcomes(world: World) -> None:
    world.load(DANGER, "2026-10-01")
    world.pitch("2026-10-05", through_api=False)
    refresh_consolidation(LocalRunner(world.runtime), world.store, world.clock())
    founded = read_fits(world.store)["careful"]

    world.load(DANGER[::-1].copy(), "2026-11-19")  # younger than every pitch

    assert founded.basis == "pitch time"
    assert read_fits(world.store)["careful"] == founded


def test_the_shares_of_a_receipt_and_the_intercept_sum_to_the_log_odds(world: World) -> None:
    world.load(DANGER, "2026-10-01")
    world.pitch("2026-10-05", through_api=False)
    refresh_consolidation(LocalRunner(world.runtime), world.store, world.clock())

    for item in world.listed("careful", explain="full"):
        shares = sum(model["share"] for model in item["factors"]["models"].values())
        assert item["inputs"]["consolidation"] == "stacking"
        assert shares + item["inputs"]["intercept"] == pytest.approx(logit(item["factors"]["consolidated"]), abs=1e-9)


def test_the_same_history_gives_the_same_fit_in_whatever_order_it_arrived(world: World) -> None:
    world.load(DANGER, "2026-10-01")
    world.pitch("2026-10-12", through_api=False, seed=2)
    world.pitch("2026-10-05", through_api=False, seed=1)
    refresh_consolidation(LocalRunner(world.runtime), world.store, world.clock())
    one = read_fits(world.store)["careful"]
    refresh_consolidation(LocalRunner(world.runtime), world.store, world.clock())

    assert read_fits(world.store)["careful"] == one
    assert one.pitches == 2 * CONTACTS * PRODUCTS


def test_scores_that_are_sent_over_http_with_another_scale_are_described_at_once(world: World) -> None:
    world.load(5 + logit(DANGER), "2026-10-01")
    world.pitch("2026-10-05", through_api=False)
    refresh_consolidation(LocalRunner(world.runtime), world.store, world.clock())
    before = scores_in_order_of_danger(world.listed("careful"))

    rows = [
        {"contact_id": f"k{c}", "product_id": f"q{p}", "model": "risk", "as_of": "2026-11-19", "score": 40 * (5 + odds)}
        for (c, p), odds in np.ndenumerate(logit(DANGER).astype(float))
    ]
    assert world.api.post("/v1/scores", rows).status_code == 200

    np.testing.assert_allclose(scores_in_order_of_danger(world.listed("careful")), before, rtol=1e-4)
