"""Why a product is not on a list: the stage and cause, and the smallest change that would put it there."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson

from dog.core.ranking import stopped_by
from dog.core.rulebook.limit import Limit
from dog.errors import NotFound
from dog.services.lists.kept_decisions import read_kept_decision
from dog.services.lists.list_request import ListRequest
from dog.services.lists.rank_request import Ranking, rank_request
from dog.services.lists.recommend import recommend
from dog.services.lists.snapshot import Snapshot, Snapshots
from dog.services.runtime import Runtime
from dog.storage.store import Store

NO_SCORE = "no model has a score of the product for this contact"
LOAD_SCORE = "load a score: dog load scores FILE, or send it as a candidate"
REMEDIES = {
    "request": "remove it from exclude in the request",
    "active": "change active_from or active_to of the product",
}


def why_not(runtime: Runtime, tenant: str, decision_id: str, product_id: str) -> dict[str, Any]:
    """Return at which stage of a decision a product dropped out, and why.

    Recommended and excluded products are read from the recorded decision; for outranked ones the list is made again
    from what is known now, and `as_of` is `now`.

    Raises
    ------
    NotFound
        The decision is not kept.

    """
    return _explain(runtime, runtime.store(tenant), read_kept_decision(runtime, tenant, decision_id), product_id)


def why_not_now(
    runtime: Runtime, tenant: str, contact_id: str, product_id: str, *, policy: str | None = None, k: int = 10
) -> dict[str, Any]:
    """Return the same of the list that the contact would get now; nothing is counted or stored.

    Raise `NotFound` if policy or contact is unknown.
    """
    request = ListRequest(contact_id, k=k, policy=policy, explain="full", dry_run=True)
    decision = orjson.loads(recommend(runtime, tenant, request).body)
    return {**_explain(runtime, runtime.store(tenant), decision, product_id), "as_of": "now"}


def _explain(runtime: Runtime, store: Store, decision: Mapping[str, Any], product_id: str) -> dict[str, Any]:
    for item in decision["items"]:
        if item["product_id"] == product_id:
            return {"product_id": product_id, "stage": "recommended", "rank": item["rank"], "as_of": "decision"}
    for row in decision["excluded"]:
        if row["product_id"] == product_id:
            remedy = REMEDIES.get(row["rule_id"]) or _remedy(
                row, runtime.shared(Snapshots).get(store), decision["policy"]
            )
            return {**row, "as_of": "decision", "remedy": remedy}
    snapshot = runtime.shared(Snapshots).current(store)
    if product_id not in snapshot.catalogue.numbers:
        return _no_option(product_id, "the product is not in the catalogue", "dog load products FILE")
    if snapshot.catalogue.has_rows and snapshot.catalogue.row(product_id) is None:
        return _no_option(product_id, "the product has no row in products", "dog load products FILE")
    k = max(1, len(decision["items"]))
    request = ListRequest(decision["contact_id"], k=k, policy=decision["policy"], dry_run=True)
    try:
        ranking = rank_request(runtime, store, request)
    except NotFound:
        return _no_option(product_id, NO_SCORE, LOAD_SCORE)
    return {**_dropped(ranking, product_id), "as_of": "now"}


def _remedy(row: dict[str, Any], snapshot: Snapshot, policy: str) -> str:
    if row["rule_id"] == "snooze":
        return "accept the product for this contact, or wait until the rest is over"
    active = snapshot.policies.get(policy)
    rules = {rule.id: rule.effect for rule in active.policy.rules} if active else {}
    effect = rules.get(row["rule_id"])
    if isinstance(effect, Limit):
        window = f"{effect.window.event} by {effect.window.by} within {effect.window.days} days"
        return (
            f"wait until there are fewer than {effect.at_most} ({window}), or raise the limit of rule {row['rule_id']}"
        )
    return _change_rule(row["rule_id"])


def _change_rule(rule_id: str) -> str:
    return f"change the condition of rule {rule_id}, or remove the rule"


def _no_option(product_id: str, reason: str, remedy: str) -> dict[str, Any]:
    return {"product_id": product_id, "stage": "options", "reason": reason, "remedy": remedy, "as_of": "now"}


def _dropped(ranking: Ranking, product_id: str) -> dict[str, Any]:
    if product_id not in ranking.options.product_ids:
        return _no_option(product_id, NO_SCORE, LOAD_SCORE)
    option = ranking.options.product_ids.index(product_id)
    ranked = ranking.ranked.chosen
    by = ranking.ranked.order_scores
    score, placed = float(ranking.ranked.scores[option]), float(by[option])
    if option in ranked:
        return {"product_id": product_id, "stage": "recommended", "rank": int(np.flatnonzero(ranked == option)[0]) + 1}
    found: dict[str, Any] = {"product_id": product_id, "score": score}
    if not ranking.ranked.eligible[option]:
        rule = ranking.ranked.rules.exclusion(option)
        remedy = _change_rule(rule.rule_id) if rule else "wait until its rest is over and its active_from has come"
        return {**found, "stage": "rules", "rule_id": rule.rule_id if rule else "rest or season", "remedy": remedy}
    cap = stopped_by(option, ranked, ranking.ranked.rules.caps)
    if cap is not None:
        rule_id = ranking.ranked.rules.rules[cap.rule].rule.id
        others = [ranking.options.product_ids[it] for it in ranked.tolist() if cap.groups[it] == cap.groups[option]]
        reason = f"its group is full: {', '.join(others)}"
        remedy = f"raise the cap of rule {rule_id} above {cap.at_most}"
        return {**found, "stage": "rank", "rule_id": rule_id, "reason": reason, "remedy": remedy}
    last = float(by[ranked[-1]]) if len(ranked) else 0.0
    better = int((by[ranking.ranked.eligible] > placed).sum())
    factor = last / placed if placed > 0 else float("inf")
    return {
        **found,
        "stage": "rank",
        "reason": f"{better} eligible options score higher; the list ends at {last:.6g}",
        "remedy": f"k of at least {better + 1}, or a factor of x{factor:.3g} on its score",
    }
