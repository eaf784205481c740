"""Served lists compared with those of a challenger in the shadow, and which of them held the later wins."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, tzinfo
from typing import Any

import numpy as np

from dog.core.events import EventType
from dog.core.iso_weeks import week_of
from dog.errors import NotReady
from dog.offline.history.sample_decisions import Decision, sample_decisions
from dog.offline.statistics.intervals import Clusters, bootstrap_mean
from dog.services.publishing.preview_policy import gains, kendall
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_catalogue
from dog.storage.event_log import read_entry
from dog.storage.store import Store
from dog.storage.week_archive import read_log


def report_shadow(runtime: Runtime, tenant: str, name: str) -> dict[str, Any]:
    """Compare the lists that a policy served with those of its challenger, over the decisions that are still kept.

    Returns `policy_version`, `challenger` and `challenger_version` (the newest pair that met); `lists`, `contacts`,
    `lists_changed`, `overlap` (share of places held by both), `rank_correlation` (mean Kendall tau-b of products on
    both); who gains and loses by product and category; `wins` after the lists, by which list held the product, and
    `held_more`: share of wins on the challenger's list less share on the served one, with 95% intervals over contacts
    (`low` and `high`, None below 20) and over weeks (`week_low` and `week_high`, None below 3). A win counts for the
    last list before it. Raises `NotReady` where no decision with a shadow is kept.
    """
    store = runtime.store(tenant)
    found = sample_decisions(runtime, store, lambda content: content["policy"] == name and _is_plain(content))
    if not found:
        raise NotReady(
            f"no kept decision of policy '{name}' has a shadow: name a challenger under [shadow] "
            "(docs/reference/policies.md), and let some lists be served",
            code="no_shadows",
        )
    newest = max(found, key=lambda decision: str(decision["generated_at"]))
    decisions = [decision for decision in found if _pair(decision) == _pair(newest)]
    return {
        "policy": name,
        "policy_version": newest["policy_version"],
        "challenger": newest["shadow"]["policy"],
        "challenger_version": newest["shadow"]["policy_version"],
        **_compare_lists(store, decisions),
        **_count_wins(store, decisions, runtime.settings.zone),
    }


def _is_plain(content: Decision) -> bool:
    return "shadow" in content and content.get("variant", "policy") == "policy"


def _pair(decision: Decision) -> tuple[str, str, str]:
    shadow = decision["shadow"]
    return decision["policy_version"], shadow["policy"], shadow["policy_version"]


def _products(items: Sequence[Any]) -> list[str]:
    return [item["product_id"] for item in items]


def _compare_lists(store: Store, decisions: Sequence[Decision]) -> dict[str, Any]:
    lists = [(_products(decision["items"]), _products(decision["shadow"]["items"])) for decision in decisions]
    products: Counter[str] = Counter()
    for old, new in lists:
        products.update(set(new) - set(old))
        products.subtract(set(old) - set(new))
    places = sum(max(len(old), len(new)) for old, new in lists)
    alike = [found for old, new in lists if (found := kendall(old, new)) is not None]
    return {
        "lists": len(lists),
        "contacts": len({decision["contact_id"] for decision in decisions}),
        "lists_changed": sum(old != new for old, new in lists),
        "overlap": sum(len(set(old) & set(new)) for old, new in lists) / places if places else 1.0,
        "rank_correlation": float(np.mean(alike)) if alike else None,
        **gains(products, read_catalogue(store)),
    }


def _count_wins(store: Store, decisions: Sequence[Decision], zone: tzinfo) -> dict[str, Any]:
    counts, contacts, weeks, differences = Counter[str](), [], [], []
    by_contact: dict[str, list[Decision]] = {}
    for decision in sorted(decisions, key=lambda decision: str(decision["generated_at"])):
        by_contact.setdefault(decision["contact_id"], []).append(decision)
    for number, (contact_id, own) in enumerate(by_contact.items()):
        times = [datetime.fromisoformat(decision["generated_at"]).timestamp() * 1000 for decision in own]
        for product_id, at_ms in _wins(store, contact_id):
            place = int(np.searchsorted(times, at_ms, side="right")) - 1
            if place < 0:
                continue
            served = product_id in _products(own[place]["items"])
            challenger = product_id in _products(own[place]["shadow"]["items"])
            counts[_held_by(served=served, challenger=challenger)] += 1
            contacts.append(number)
            weeks.append(week_of(at_ms, zone))
            differences.append(float(challenger) - float(served))
    clusters = Clusters(np.array(contacts, np.int64), np.array(weeks, np.int64))
    held = asdict(bootstrap_mean(clusters, np.array(differences, np.float64)))
    shown = {name: None if np.isnan(value) else value for name, value in held.items()}
    names = ("both", "served", "challenger", "neither")
    return {"wins": {name: counts[name] for name in names}, "held_more": shown}


def _held_by(*, served: bool, challenger: bool) -> str:
    if served == challenger:
        return "both" if served else "neither"
    return "served" if served else "challenger"


def _wins(store: Store, contact_id: str) -> list[tuple[str, int]]:
    """Return product and instant of each win in a contact's log."""
    entries = read_log(store, store.tenant.contact(contact_id)).log.values()
    events = (read_entry(contact_id, entry) for entry in entries)
    return [
        (event.product_id, event.occurred_at_ms)
        for event in events
        if event is not None and event.type is EventType.WIN and event.product_id
    ]
