"""Preview a policy: compare the lists of a sample of contacts with those of the active policy."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from dog.errors import NotFound
from dog.services.lists.list_request import ListRequest
from dog.services.lists.rank_request import Ranking
from dog.services.lists.snapshot import Snapshots
from dog.services.policies.check_policy import check_policy
from dog.services.publishing.publish_policy import policy_warnings
from dog.services.publishing.rule_impact import RuleImpact
from dog.services.publishing.sample_ranker import SampleRanker, sample_contacts, with_policy
from dog.services.runtime import Runtime
from dog.storage.catalogue import Catalogue

DEFAULT_SAMPLE, MAX_SAMPLE = 200, 1000
SHOWN = 10


def preview_policy(
    runtime: Runtime, tenant: str, name: str, content: bytes | str | Mapping[str, Any], *, sample: int, k: int = 10
) -> dict[str, Any]:
    """Compare the lists of a policy with those of the active policy `name`, or the default one; nothing is stored.

    `content` is TOML text, or a document. The `sample` is that many contacts, evenly over the partitions and the same
    for every preview; lists have `k` items.

    Returns `contacts`; `lists_changed`, of these `lists_emptied` and `lists_shortened` (fewer items, but some),
    `top_k_exchanged` (share), `rank_correlation` (mean Kendall tau-b of products on both lists), gains and losses by
    product, category and segment, all with the active multipliers; the same in `after_recompute` with those that the
    next recompute would publish by either policy, None where the settings of learning are equal or nothing has been
    learned; warnings; and for each rule how many options it acted on (`fired`), did not act on, or could not decide,
    and how many `lists` it changes.

    Raises `InvalidPolicy` where the policy is invalid, `NotFound` where no policy is active or no contact is loaded.
    """
    store = runtime.store(tenant)
    policy = check_policy(store, content, runtime.today())
    snapshot = runtime.shared(Snapshots).current(store)
    base = name if name in snapshot.policies else snapshot.default_policy
    if base not in snapshot.policies:
        raise NotFound("no policy is active; put one into rules/ and start again", code="unknown_policy")
    challenged = with_policy(store, snapshot, replace(policy, name=base))
    at_once, after_recompute, impact = _Tally(), _Tally(), RuleImpact(k)
    policies = [SampleRanker(runtime, store, of, base) for of in (snapshot, challenged)]
    learns_otherwise = snapshot.policies[base].policy.reinforcement != policy.reinforcement
    for contact_id in sample_contacts(store, sample):
        request = ListRequest(contact_id, k=k, policy=base, dry_run=True)
        before, after = (one.rank(request, recomputed=learns_otherwise) for one in policies)
        for tally, old, new in zip((at_once, after_recompute), before, after, strict=False):
            tally.add(old, new)
        impact.add(after[0])
    if not at_once.contacts:
        raise NotFound("no contact is loaded; a preview needs some: dog load contacts FILE")
    return {
        "compared_with": {"name": base, "version": snapshot.policies[base].version},
        "contacts": at_once.contacts,
        **at_once.report(snapshot.catalogue),
        "after_recompute": after_recompute.report(snapshot.catalogue) if after_recompute.contacts else None,
        "rules": impact.report(),
        "warnings": policy_warnings(runtime, tenant, policy),
    }


class _Tally:
    """Changes over the contacts added so far."""

    def __init__(self) -> None:
        self.contacts = self.changed = self.emptied = self.shortened = self.exchanged = self.places = 0
        self.correlations: list[float] = []
        self.products: Counter[str] = Counter()
        self.segments: Counter[str] = Counter()

    def add(self, before: Ranking, after: Ranking) -> None:
        """Add one contact's two lists."""
        old, new = before.product_ids, after.product_ids
        self.contacts += 1
        self.changed += old != new
        self.emptied += bool(old) and not new
        self.shortened += 0 < len(new) < len(old)
        self.places += len(old)
        self.exchanged += len(set(old) - set(new))
        if (correlation := kendall(old, new)) is not None:
            self.correlations.append(correlation)
        self.products.subtract(set(old) - set(new))
        self.products.update(set(new) - set(old))
        if old != new:
            self.segments[str((after.contact.record or {}).get("segment"))] += 1

    def report(self, catalogue: Catalogue) -> dict[str, Any]:
        """Return the changes."""
        return {
            "lists_changed": self.changed,
            "lists_emptied": self.emptied,
            "lists_shortened": self.shortened,
            "top_k_exchanged": self.exchanged / self.places if self.places else 0.0,
            "rank_correlation": float(np.mean(self.correlations)) if self.correlations else None,
            **gains(self.products, catalogue),
            "segments_changed": dict(sorted(self.segments.items(), key=lambda it: (-it[1], it[0]))[:SHOWN]),
        }


def kendall(old: list[str], new: list[str]) -> float | None:
    """Return Kendall's tau-b of the products on both lists; None for fewer than two."""
    both = [product_id for product_id in old if product_id in new]
    if len(both) < 2:
        return None
    ranks = np.array([new.index(product_id) for product_id in both])
    later = np.sign(ranks[None, :] - ranks[:, None])[np.triu_indices(len(both), 1)]
    return float(later.mean())


def gains(products: Counter[str], catalogue: Catalogue) -> dict[str, Any]:
    """Return the products and the categories with the largest gains and losses."""
    categories: Counter[str] = Counter()
    for product_id, count in products.items():
        number = catalogue.numbers.get(product_id)
        categories[str(catalogue.records[number].get("category") if number is not None else None)] += count
    return {"products": _largest(products), "categories": _largest(categories)}


def _largest(counts: Counter[str]) -> dict[str, dict[str, int]]:
    changed = sorted(((name, count) for name, count in counts.items() if count), key=lambda it: (-abs(it[1]), it[0]))
    return {
        "gain": dict([it for it in changed if it[1] > 0][:SHOWN]),
        "lose": dict([it for it in changed if it[1] < 0][:SHOWN]),
    }
