"""Name the options that a list may not hold, with the reason of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import repeat
from operator import attrgetter
from typing import NamedTuple

import orjson

from dog.core.iso_weeks import utc_time
from dog.core.json_template import write_list
from dog.core.kernels.rank_by_rules import NO_RULE
from dog.core.verdicts.verdict_multipliers import contact_rest
from dog.services.lists.rank_request import Ranking
from dog.services.lists.write_receipts import product_texts


class Reason(NamedTuple):
    """Why an option is excluded: by a rule, or for a reason that is not a rule of the policy."""

    rule_id: str
    text: bytes  # rule, stage and reason as JSON, without the opening brace


@lru_cache(maxsize=4096)
def make_reason(rule_id: str, stage: str, reason: str) -> Reason:
    """Return a reason, ready to be written."""
    return Reason(rule_id, orjson.dumps({"rule_id": rule_id, "stage": stage, "reason": reason})[1:])


OUT_OF_SEASON = make_reason("active", "eligibility", "the product is not offered on this day (active_from, active_to)")
UNWANTED = make_reason("request", "eligibility", "the request excludes it")


@dataclass(kw_only=True)  # not frozen: it would take longer to make
class ExcludedOptions:
    """Ids of the excluded products as JSON, and the reason of each."""

    product_ids: Sequence[bytes]
    reasons: Sequence[Reason]

    @property
    def rule_ids(self) -> set[str]:
        """Ids of the rules that excluded anything, and of the other reasons."""
        return {reason.rule_id for reason in self.reasons}

    @cached_property
    def text(self) -> bytes:
        """The options with their reasons, as JSON."""
        rows = zip(self.product_ids, self.reasons, strict=True)
        return write_list([b'{"product_id":%b,%b' % (product_id, reason.text) for product_id, reason in rows])


def find_excluded(ranking: Ranking) -> ExcludedOptions:
    """Return the options that the list may not hold."""
    places = (~ranking.ranked.eligible).nonzero()[0]
    if not len(places):
        return ExcludedOptions(product_ids=(), reasons=())
    rules = ranking.ranked.rules
    excluded_by, numbers = rules.excluded_by.take(places).tolist(), ranking.options.products.take(places).tolist()
    by_rule = {NO_RULE: OUT_OF_SEASON}
    for number in {*excluded_by} - {NO_RULE}:
        rule = rules.rules[number].rule
        by_rule[number] = make_reason(rule.id, rule.stage, rule.reason)
    reasons = [*map(by_rule.__getitem__, excluded_by)]
    snoozed_until_ms = ranking.inputs.verdicts.snoozed_until_ms.take(places)
    snoozed = snoozed_until_ms.nonzero()[0].tolist()
    if snoozed:
        contact_rests = rest_note(ranking)
        for place in snoozed:
            if excluded_by[place] == NO_RULE:
                reasons[place] = _snoozed(int(snoozed_until_ms[place]), contact_rests)
    if ranking.request.exclude:
        unwanted, product_ids = set(ranking.request.exclude), ranking.options.product_ids
        for place, option in enumerate(places.tolist()):
            if product_ids[option] in unwanted:
                reasons[place] = UNWANTED
    try:
        found = [*map(ranking.active.receipts.products.__getitem__, numbers)]
    except KeyError:  # of a product that no list has shown yet
        found = [*map(product_texts, repeat(ranking), places.tolist(), numbers)]
    return ExcludedOptions(product_ids=[*map(attrgetter("product_id"), found)], reasons=reasons)


def _snoozed(until_ms: int, contact_rests: str | None) -> Reason:
    rests = f"it was discarded and rests until {utc_time(until_ms, 'seconds')}"
    return make_reason("snooze", "suitability", contact_rests or rests)


def rest_note(ranking: Ranking) -> str | None:
    """Return the sentence that says that the contact as a whole rests, and until when; None where it does not."""
    if ranking.contact.verdicts is None and not ranking.snapshot.cross_contact.any:
        return None
    rest = contact_rest(ranking.contact.verdicts, ranking.snapshot.cross_contact, ranking.scopes[0])
    if rest is None:
        return None
    return f"the {rest.scope} rests until {utc_time(rest.until_ms, 'seconds')}: it was discarded"
