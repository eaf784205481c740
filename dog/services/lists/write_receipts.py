"""Write the items of a decision: attributes, factors, and what each factor was made from."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from math import prod
from typing import Any

import numpy as np

from dog.core.receipt import NO_PERFORMANCE, describe_models, explain_performance, rationale
from dog.core.records import PAIRS
from dog.core.traffic_split import NO_MULTIPLIER
from dog.core.verdicts.cross_contact import mix
from dog.core.verdicts.verdict_multipliers import choose
from dog.services.lists.rank_request import Considered
from dog.services.lists.snapshot import NO_EVIDENCE_RATE, Multiplied
from dog.storage.store import Store

MULTIPLIERS = ("streak", "discomfort", "market", "business", "clamp")


def write_items(
    store: Store, considered: Considered, contact_id: str, context: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Write the ranked items with their receipts; the factors multiply to the score."""
    version = considered.active.multiplied
    base = version.priors.global_rate if version else NO_EVIDENCE_RATE
    scored, ranked, product_ids = considered.scored, considered.ranked, considered.options.product_ids
    # numbers leave numpy once, not one by one
    columns = [getattr(scored, name).take(ranked).tolist() for name in ("consolidated", *MULTIPLIERS)]
    rows = zip(
        ranked.tolist(),
        _attributes(considered, _Choices(store, considered, context), contact_id),
        describe_models(scored, considered.options.raw, considered.active.models, ranked),
        _performances(considered),
        zip(*columns, strict=True),
        considered.rules.fired(ranked),
        strict=True,
    )
    items: list[dict[str, Any]] = []
    for option, attributes, models, performance, (consolidated, *multipliers), rules in rows:
        factors = {
            "models": models,
            "performance": performance,
            "consolidated": consolidated,
            **dict(zip(MULTIPLIERS, multipliers, strict=True)),
            "rules": rules,
        }
        of_rules = [rule["factor"] for rule in rules]
        items.append(
            {
                "rank": len(items) + 1,
                "product_id": product_ids[option],
                "score": prod([consolidated, performance["multiplier"], *multipliers, *of_rules]),
                "attributes": {**attributes, "rationale": rationale(factors, base)},
                "factors": factors,
            }
        )
    return items


def _performances(considered: Considered) -> list[dict[str, Any]]:
    """Retrace the performance multipliers; one that is applied to a model counts there and is 1 here.

    A pair without feedback is told as its product is: once for all contacts.
    """
    ranked, multiplied = considered.ranked, considered.active.multiplied
    if multiplied is None or considered.active.variant == NO_MULTIPLIER:
        return [dict(NO_PERFORMANCE) for _ in ranked]
    products = considered.options.products[ranked].tolist()
    is_own = (considered.pair_places[ranked] >= 0).tolist()
    known = multiplied.told_of_products
    anew = [place for place, own in enumerate(is_own) if own or products[place] not in known]
    explained = dict(zip(anew, _explain(considered, multiplied, ranked[anew]), strict=True)) if anew else {}
    known.update({products[place]: row for place, row in explained.items() if not is_own[place]})
    told = [explained[place] if own else known[products[place]] for place, own in enumerate(is_own)]
    recursions = considered.state.recursions
    told = [row if row["recursions"] == recursions else {**row, "recursions": recursions} for row in told]
    target = considered.active.targets.performance
    if target != "consolidated":
        neutral = {"arm": 1.0, "drm": None, "explore": 1.0, "step": 1.0, "multiplier": 1.0, "applied_to": target}
        return [row | neutral for row in told]
    return told


def _explain(considered: Considered, multiplied: Multiplied, options: np.ndarray) -> list[dict[str, Any]]:
    places = considered.pair_places[options]
    pairs = np.zeros(len(options), PAIRS)
    pairs[places >= 0] = considered.state.pairs[places[places >= 0]]
    return explain_performance(
        considered.options.products[options],
        pairs,
        considered.performance[options],
        multiplied.priors,
        considered.state.recursions,
        multiplied.settings,
    ).describe()


class _Choices:
    """Chooses the time and channel of a request's items; most products leave that to the contact."""

    def __init__(self, store: Store, considered: Considered, context: Mapping[str, Any]) -> None:
        self._store, self._considered, self._context = store, considered, context
        policy, verdicts = considered.active.policy, considered.verdicts
        self._defaults = {"times": policy.times, "channels": policy.channels}
        self._runs = {"times": verdicts.times, "channels": verdicts.channels} if verdicts else {}
        record = considered.state.record or {}
        self._own = {name: _values(record.get(name)) for name in self._defaults}
        self._usual = {name: self._choose(name, self._own[name]) for name in self._defaults}

    def of(self, name: str, product: Mapping[str, Any]) -> str | None:
        """Choose one attribute's value for a product: what both contact and product allow."""
        if name not in product or not (offered := _values(product[name])):
            return self._usual[name]
        own = self._own[name]
        return self._choose(name, [value for value in own if value in offered] if own else offered)

    def _choose(self, name: str, allowed: list[str]) -> str | None:
        values = allowed or list(self._defaults[name])
        wanted = self._context.get(name[:-1])
        if isinstance(wanted, str) and (wanted in values or not values):
            return wanted
        considered = self._considered
        digests = [self._store.tenant.number(value) for value in values] if self._runs else []
        streak = considered.active.policy.reinforcement.streak
        return choose(values, digests, self._runs.get(name), considered.now_ms, streak)


def _attributes(considered: Considered, choices: _Choices, contact_id: str) -> Iterator[dict[str, Any]]:
    """Choose the ranked options' attributes: account, contact, product, time, channel."""
    account = (considered.state.record or {}).get("account_id")
    options, records = considered.options, considered.snapshot.catalogue.records
    for option, number in zip(considered.ranked.tolist(), options.products[considered.ranked].tolist(), strict=True):
        product = records[number] if number < len(records) else {}
        yield {
            "account": account,
            "contact": contact_id,
            "product": product.get("name") or options.product_ids[option],
            "time": choices.of("times", product),
            "channel": choices.of("channels", product),
        }


def _values(value: Any) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(";") if part.strip()]
    return list(value) if isinstance(value, list) else []


def common_inputs(considered: Considered) -> dict[str, Any]:
    """Tell what the factors of all items were made from, for whoever recomputes a score by hand."""
    multiplied = considered.active.multiplied
    base = multiplied.priors.global_rate if multiplied else NO_EVIDENCE_RATE
    inputs: dict[str, Any] = {"base_rate": base, "consolidation": considered.active.policy.consolidation}
    if multiplied is not None:
        settings = multiplied.settings
        inputs["curve"] = {
            "family": settings.family,
            "neutral": settings.neutral,
            "a_max": settings.a_max,
            "d_min": settings.d_min,
            "rate": settings.rate,
            "reading": settings.recursion.reading,
            "n": settings.recursion.n,
            "explore": settings.explore,
            "max_step": settings.max_step,
        }
        inputs["pair_strength"] = multiplied.priors.pair_strength
        inputs["product_strength"] = multiplied.priors.product_strength
    return inputs


def item_inputs(considered: Considered) -> list[dict[str, Any]]:
    """Tell what the factors of every ranked item were made from besides."""
    ranked = considered.ranked
    columns = (ranked.tolist(), considered.scores[ranked].tolist(), considered.scored.plain[ranked].tolist())
    rows = zip(*columns, considered.rules.unknown(ranked), strict=True)
    heard = considered.snapshot.wide.any or considered.verdicts is not None
    return [
        {
            "runs": _runs(considered, option) if heard else {},
            "unknown_rules": [{"id": rule.rule_id, "columns": list(rule.columns)} for rule in unknown],
            "effective_multiplier": score / plain if plain > 0 else 1.0,
        }
        for option, score, plain, unknown in rows
    ]


def _runs(considered: Considered, option: int) -> dict[str, int]:
    """Tell the runs of like verdicts that touch an option, by scope: accepts positive, discards negative."""
    verdicts, wide, setting = considered.verdicts, considered.snapshot.wide, considered.setting
    runs = {}
    if considered.snapshot.wide.any:
        category = int(setting.categories[option])
        runs = {
            "market": wide.market.of(int(mix(category, setting.segment))),
            "market_all": wide.market_all.of(category),
            "business": wide.business.of(int(mix(setting.actor, category))),
            "business_all": wide.business_all.of(category),
            "account": wide.accounts.of(setting.account),
        }
    if verdicts is not None:
        runs |= {"pair": verdicts.pairs.of(int(considered.options.products[option])), "contact": verdicts.contact.of(0)}
    return {scope: run for scope, run in runs.items() if run}


def list_excluded(considered: Considered, exclude: list[str]) -> list[dict[str, Any]]:
    """List the options that could not come out, with what kept them out."""
    unwanted = set(exclude)
    excluded = []
    for option in np.flatnonzero(~considered.eligible).tolist():
        product_id = considered.options.product_ids[option]
        rule = considered.rules.exclusion(option)
        rests_until = int(considered.influences.resting_until_ms[option])
        if product_id in unwanted:
            found = ("request", "eligibility", "the request excludes it")
        elif rule is not None:
            found = (rule.rule_id, rule.stage, rule.reason)
        elif rests_until:
            until = datetime.fromtimestamp(rests_until / 1000, UTC).isoformat(timespec="seconds")
            found = (
                "snooze",
                "suitability",
                f"it was discarded and rests until {until.replace('+00:00', 'Z')}",
            )
        else:
            found = (
                "active",
                "eligibility",
                "the product is not offered on this day (active_from, active_to)",
            )
        excluded.append(dict(zip(("product_id", "rule_id", "stage", "reason"), (product_id, *found), strict=True)))
    return excluded
