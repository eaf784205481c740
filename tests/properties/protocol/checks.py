"""Compare what the service answers of a tenant with what the plain model holds."""

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import orjson
import pytest

from dog.core.consolidator import Consolidator
from dog.core.policy.policy import Policy
from dog.core.policy.policy_reader import read_policy
from dog.errors import NotFound
from dog.services.feedback.list_verdicts import list_verdicts
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.runtime import Runtime
from dog.services.weekly.recount import recount
from dog.storage.claims import BUCKETS
from dog.storage.consolidation_fits import Consolidations, read_consolidations
from dog.storage.event_counts import count_types
from dog.storage.store import Store
from tests.pair_rows import every_row
from tests.properties.protocol.model import Body, PlainTenant
from tests.properties.protocol.plain_lists import plain_list
from tests.properties.protocol.plain_scopes import plain_scopes, shown
from tests.properties.protocol.plain_weeks import Pair
from tests.properties.protocol.world import DAY_MS, MODELS, RAW, SCORED, Plan, ms

PARTITIONS = 2
"""Few, so that reading all of them is quick; the contacts are in both."""
CLOSE = 1e-6
"""Scores at pitch time are kept in single precision."""


class ComparedTenant:
    """A tenant of the service and its plain model."""

    def __init__(self, runtime: Runtime, name: str, plain: PlainTenant) -> None:
        self.runtime, self.name, self.plain = runtime, name, plain
        self.consolidations: Consolidations | None = None  # they change with the weekly job alone

    @property
    def store(self) -> Store:
        """The tenant's store in the process that runs now."""
        return self.runtime.store(self.name)

    def check_list(self, contact: str, actor: str | None) -> None:
        """Compare a contact's list, item by item, with that of the model."""
        if contact in self.plain.erased:
            with pytest.raises(NotFound):
                self.read_list(contact, actor)
            return
        found = self.read_list(contact, actor)
        if self.rests(contact, found):
            return
        assert found["multiplier_version"] == self.plain.active
        expected = plain_list(self.plain, contact, actor, self._calibrated(contact))
        shown_items = [_shown_item(item) for item in found["items"]]
        assert is_close(shown_items, expected), (contact, actor, shown_items, expected)

    def check_multipliers(self) -> None:
        """Compare the multipliers and counts of all pairs with those of the model."""
        version = self.plain.version
        rows = {
            (row["contact_id"], row["product_id"]): row for row in every_row(self.runtime, self.store, "recommended")
        }
        pairs = version.pairs if version else {}
        assert rows.keys() == pairs.keys()
        for pair, record in pairs.items():
            row, counts, evidence = rows[pair], record.counts, record.evidence
            assert (row["wins"], row["losses"], row["pending"]) == (counts.wins, counts.losses, counts.pending), pair
            found = [row["evidence_wins"], row["evidence_pitches"], row["multiplier"]]
            assert is_close(found, [evidence.wins, evidence.pitches, record.multiplier]), (pair, found, record)

    def check_verdicts(self) -> None:
        """Compare the listed verdicts with the plain model."""
        rows, verdicts = list_verdicts(self.runtime, self.name)["items"], self.plain.verdicts
        found = {(row["scope"], *filter(None, (row["subject"], row["within"]))): row for row in rows}
        expected = {}
        for key in verdicts.subjects():
            until_ms, factor = verdicts.ends(key), verdicts.factor(key)
            if key[0] in ("actor", "admin"):
                factor = factor if self.plain.clock() < verdicts.business_ends_ms else 1.0
                until_ms = verdicts.business_end(until_ms)
            expected[tuple(filter(None, key))] = {
                "votes": abs(verdicts.net(key)),
                "acts": until_ms is not None,
                "factor": factor,
                "until": None if until_ms is None else shown(until_ms),
            }
        names = ("votes", "acts", "factor", "until")
        listed = {key: {name: row[name] for name in names} for key, row in found.items()}
        assert is_close(listed, expected), (listed, expected)

    def check_ledgers(self) -> None:
        """Compare the ledgers and votes with the log, from which they can be derived."""
        differences = recount(self.runtime, self.name)
        assert [one for one in differences if one.what != "multipliers"] == []  # those may precede a retraction

    def check_day(self, body: Body) -> None:
        """Compare the counts of an event's day."""
        day = ms(body["occurred_at"]) // DAY_MS
        if day > self.plain.clock() // DAY_MS - 360:  # older ones are not kept
            found = count_types(self.store, day, day)
            counted = {kind: count for (on, kind), count in self.plain.daily.items() if on == day and count}
            assert {kind.name.lower(): count for kind, count in found.items() if count} == counted, (body, found)

    def check_ids(self) -> None:
        """Compare the number of claimed ids; those of events that were lost or refused may be claimed or not."""
        partitions = map(self.store.keys.partition, range(PARTITIONS))
        claimed = sum(self.store.execute_all(("HLEN", own.prefix + bucket) for own in partitions for bucket in BUCKETS))
        known, unsure = len(self.plain.bodies), len(self.plain.unsure) + len(self.plain.refused)
        assert known <= claimed <= known + unsure, (known, claimed, unsure)

    def check_scopes(self, body: Body, result: Mapping[str, Any]) -> None:
        """Compare where an event acts; events of one call are told as if they had come one after the other."""
        if "effect" not in result:
            return
        one = self.plain.verdicts.said.get(body["event_id"])
        scopes = plain_scopes(self.plain.verdicts, one) if one is not None else []
        assert is_close(result["effect"]["scopes"], scopes), (body, result["effect"], scopes)

    def score_today(self) -> Callable[[Pair, float], float | None]:
        """Return what gives a pair's consolidated score by a win rate: calibration is not part of the protocol."""

        def score(pair: Pair, rate: float) -> float | None:
            given = np.array([[np.float32(RAW.get((*pair, model), np.nan))] for model in MODELS], np.float64)
            if np.isnan(given).all() or pair[0] in self.plain.erased:
                return None
            consolidator = self._consolidator(rate)
            return float(consolidator.consolidate(consolidator.calibrate(given))[0])

        return score

    def rests(self, contact: str, found: Mapping[str, Any]) -> bool:
        """Return whether a contact rests; then its list must be empty and say so."""
        rest = self.plain.verdicts.rest(contact)
        if rest is None:
            return False
        assert found["items"] == []
        until = shown(rest.until_ms)[:19]
        assert f"the {rest.scope} rests until {until}Z: it was discarded" in found["notes"]
        return True

    def read_list(self, contact: str, actor: str | None) -> dict[str, Any]:
        """Return a contact's list, which is not served."""
        context = {"actor_id": actor} if actor else {}
        request = ListRequest(contact, dry_run=True, explain="full", context=context)
        found: dict[str, Any] = orjson.loads(recommend(self.runtime, self.name, request).body)
        return found

    def _calibrated(self, contact: str) -> dict[tuple[str, str], float]:
        """Return the calibrated scores of a contact, by product and model."""
        given = [[np.float32(RAW.get((contact, product, model), np.nan)) for product in SCORED] for model in MODELS]
        table = self._consolidator(self.plain.rate).calibrate(np.array(given, np.float64))
        named = [(product, model) for model in MODELS for product in SCORED]
        return {pair: score for pair, score in zip(named, table.ravel().tolist(), strict=True) if not math.isnan(score)}

    def _consolidator(self, rate: float) -> Consolidator:
        if self.consolidations is None:
            self.consolidations = read_consolidations(self.store)
        return self.consolidations.consolidator(policy_of(self.plain.plan), rate)


@cache
def policy_of(plan: Plan) -> Policy:
    """Return a plan as a policy."""
    return read_policy(plan.document())


def _shown_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is compared of an item of a list."""
    factors = item["factors"]
    return {
        "product": item["product_id"],
        "rank": item["rank"],
        "score": item["score"],
        "channel": item["attributes"]["channel"],
        "time": item["attributes"]["time"],
        "models": {name: [model["calibrated"], model["multiplier"]] for name, model in factors["models"].items()},
        "consolidated": factors["consolidated"],
        "performance": factors["performance"]["multiplier"],
        **{name: factors[name] for name in ("streak", "market", "business", "clamp")},
    }


def is_close(found: Any, expected: Any) -> bool:
    """Return whether two documents are the same, numbers nearly so."""
    if isinstance(expected, Mapping):
        return found.keys() == expected.keys() and all(is_close(found[name], value) for name, value in expected.items())
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(is_close, found, expected))
    if isinstance(expected, float):
        return math.isclose(found, expected, rel_tol=CLOSE, abs_tol=CLOSE)
    return bool(found == expected)
