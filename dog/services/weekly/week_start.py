"""What one week of the weekly job starts from: its frozen input, the version before, and what each policy notes."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import numpy as np
import orjson

from dog.core.documents.section import Section
from dog.core.iso_weeks import format_week, week_end_ms, week_of
from dog.core.learning.delay_curve import NO_CURVE, fit_delay_curve
from dog.core.learning.pair_evidence import PolicyWeek
from dog.core.learning.pitch_results import NO_PITCHES, count_weeks, join_pitches
from dog.core.learning.priors import fit_priors, read_priors, take_out_of_sums
from dog.core.learning.reinforcement import trust_of
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.learning.sanity_gate import WeekBefore
from dog.core.learning.trust import Trust
from dog.core.learning.week_changes import WeekChanges
from dog.core.learning.win_rates import NO_EVIDENCE_RATE, global_rate
from dog.core.policy.policy import Policy
from dog.services.weekly.learn_attributes import LearnedAttributes, learn_attributes
from dog.services.weekly.next_recompute import means_the_same
from dog.services.weekly.partition_pass import GatheredEvidence, PolicyPriors, WeekInput
from dog.services.weekly.score_refresh import ScoreRefresh, find_refresh
from dog.services.weekly.tenant_laps import count_tenant_laps
from dog.storage.catalogue import read_catalogue, read_models
from dog.storage.consolidation_fits import read_consolidations
from dog.storage.ledgers import Cut, freeze_cut, read_cut
from dog.storage.multiplier_versions import MultiplierVersion, read_baseline, read_versions, read_weeks
from dog.storage.store import Store
from dog.storage.week_replay import Replay


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedPolicy:
    """What a week has learned for one policy over all pairs."""

    priors: PolicyPriors
    trust: Trust
    delay_curve: tuple[float, ...]  # for the week after
    attributes: LearnedAttributes  # channels and times


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekStart:
    """The frozen input of a week, the version it continues from, what models changed since, and the replay."""

    input: WeekInput
    previous_version: MultiplierVersion | None
    refreshes: Mapping[str, ScoreRefresh]  # by policy
    replay: Replay | None

    def name_version(self, week: int, digests: Mapping[int, bytes]) -> str:
        """Return the version's name, a hash of its input, so that a repeated run writes the same version."""
        settings = {name: policy.settings.to_document() for name, policy in self.input.policies.items()}
        noted = {name: [dict(it.scores), dict(it.trained)] for name, it in self.refreshes.items()}
        replayed = [self.replay.started_ms] if self.replay else []
        digest = hashlib.blake2b(digest_size=8)
        digest.update(orjson.dumps([self.input.previous_name, week, settings, noted, *replayed]))
        digest.update(b"".join(digests[partition] for partition in sorted(digests)))
        return f"{format_week(week)}-{digest.hexdigest()}"

    def learn(self, store: Store, policy: str, gathered: GatheredEvidence) -> LearnedPolicy:
        """Fit a policy's priors and trust to the evidence of all pairs, and add what the week before knew."""
        found, known, count = gathered.policies[policy], self._described(policy), self.input.product_count
        share = found.moves.absorbed_share
        sums = take_out_of_sums(found.sums, found.measured, share) if share else found.sums
        trust = Trust.from_list(known["trust_state"]) if known and "trust_state" in known else Trust()
        trust = trust.learn(join_pitches([NO_PITCHES, *found.pitches]))
        priors = fit_priors(
            sums,
            rate=global_rate(found.wins, found.resolved),
            pitch_weeks=count_weeks(gathered.pitch_weeks, gathered.outcome_weeks, count),
            trust=trust.values,
        )
        rows = join_pitches([NO_PITCHES, *found.attributes.pitches])
        attributes = learn_attributes(store, (known or {}).get("choices", {}), found.attributes.sums, rows)
        before = read_priors(known, count) if known else None
        previous = self.input.previous_name
        baseline = read_baseline(store, previous, policy) if previous else np.zeros(0)
        baseline = np.append(baseline, np.ones(max(0, count - len(baseline))))[:count]
        learned = PolicyPriors(
            priors=priors,
            priors_before=before,
            baseline_before=baseline,
            limits_step=known is None
            or means_the_same(Reinforcement.read(Section(known["settings"])), self.input.policies[policy].settings),
            absorbed_share=share,
            segment_ratios=attributes.ratios,
        )
        return LearnedPolicy(
            priors=learned, trust=trust, delay_curve=fit_delay_curve(found.ages), attributes=attributes
        )

    def week_before(self, policy: str) -> WeekBefore | None:
        """Return what the sanity gate compares the week with."""
        if self.previous_version is None:
            return None
        counts, known = self.previous_version.counts, self._described(policy)
        return WeekBefore(counts.get("pairs", 0), counts.get("pitches", 0), known["global_rate"] if known else None)

    def describe(self, policy: str, learned: LearnedPolicy, changes: WeekChanges) -> dict[str, Any]:
        """Describe a policy's part of the version."""
        priors, settings = learned.priors.priors, self.input.policies[policy].settings
        return {
            "settings": settings.to_document(),
            "global_rate": priors.global_rate,
            "product_strength": priors.product_strength,
            "pair_strength": priors.pair_strength,
            "product_rates": priors.product_rates.tolist(),
            "score_ratios": priors.score_ratios.tolist(),
            "tenant_ratio": priors.tenant_ratio,
            "product_ratios": priors.product_ratios.tolist(),
            "trust": dict(zip(("product", "pair"), trust_of(priors, settings), strict=True)),
            "trust_state": learned.trust.to_list(),
            "absorbed_share": self._absorbed_share(policy, learned),
            "delay_curve": list(learned.delay_curve),
            "scores": dict(self.refreshes[policy].scores),
            "trained": dict(self.refreshes[policy].trained),
            "summary": changes.summary(),
            **({"choices": learned.attributes.described} if learned.attributes.described else {}),
        }

    def _absorbed_share(self, policy: str, learned: LearnedPolicy) -> float:
        refresh = self.refreshes[policy]
        return learned.priors.absorbed_share if refresh.measures else sum(share for _, share in refresh.retrained)

    def _described(self, policy: str) -> Mapping[str, Any] | None:
        return self.previous_version.policies.get(policy) if self.previous_version else None


def _delay_curve(policy: Policy, known: Mapping[str, Any] | None) -> tuple[float, ...]:
    """Return the delay curve of a policy's part of a version; none where wins are not compared with expected ones."""
    if policy.reinforcement.neutral != "expected" or known is None:
        return NO_CURVE
    return tuple(known.get("delay_curve", NO_CURVE))


def freeze_input(
    store: Store,
    policies: Mapping[str, Policy],
    week: int,
    zone: tzinfo,
    now_ms: int,
    *,
    dry_run: bool,
    replay: Replay | None,
) -> WeekStart:
    """Fix what a week is computed from: ledgers up to a cut, the version before, models and policies."""
    versions, published = read_versions(store), read_weeks(store)
    previous_name = replay.previous if replay else published[max(published)] if published else None
    previous = next((version for version in versions if version.version == previous_name), None)
    end_ms = week_end_ms(week, zone)
    if replay:
        cut = Cut(end_ms, replay.arrivals)
    else:
        cut = read_cut(store, end_ms) if dry_run else freeze_cut(store, week, end_ms)
    product_count = len(read_catalogue(store))  # read after the cut: a product is numbered before its first event
    records, known = read_models(store), previous.policies if previous else {}
    consolidations = read_consolidations(store)
    refreshes = {name: find_refresh(policies[name], records, known.get(name), end_ms) for name in sorted(policies)}
    previous_end_ms = week_end_ms(previous.week, zone) if previous else 0
    week_input = WeekInput(
        cut=cut,
        seen=Cut(previous_end_ms, previous.arrivals) if previous else None,
        previous_name=previous_name,
        later_weeks=[format_week(later) for later in range(week + 1, week_of(now_ms, zone) + 1)],
        product_count=product_count,
        policies={
            name: PolicyWeek(
                settings=policies[name].reinforcement,
                end_ms=end_ms,
                previous_end_ms=previous_end_ms,
                retrained=refresh.retrained,
                delay_curve=_delay_curve(policies[name], known.get(name)),
                measures=refresh.measures and policies[name].reinforcement.neutral == "expected",
            )
            for name, refresh in refreshes.items()
        },
        consolidators={
            name: consolidations.consolidator(policy, known.get(name, {}).get("global_rate", NO_EVIDENCE_RATE))
            for name, policy in policies.items()
            if policy.reinforcement.neutral == "expected" and policy.primary_models.keys() & records.keys()
        },
        learned=frozenset(name for name in policies if known.get(name, {}).get("choices")),
    )
    week_input = count_tenant_laps(store, week_input, week)
    return WeekStart(input=week_input, previous_version=previous, refreshes=refreshes, replay=replay)
