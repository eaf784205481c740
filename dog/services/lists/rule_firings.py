"""How often rules act on real lists, this week."""

from collections.abc import Mapping
from typing import Any

from dog.core.iso_weeks import format_week, week_of
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.runtime import Runtime
from dog.storage.decisions import read_fired_counts

NO_RULES = frozenset({"request", "snooze", "active"})
"""What excludes options beside the policy's rules."""


def fired_rules(content: Mapping[str, Any]) -> frozenset[str]:
    """Name the rules that moved or excluded anything in a decision, as `policy:rule`; caps leave no trace in a list."""
    moved = {rule["id"] for item in content["items"] for rule in item["factors"]["rules"]}
    excluded = {row["rule_id"] for row in content["excluded"]} - NO_RULES
    return frozenset(f"{content['policy']}:{rule_id}" for rule_id in moved | excluded)


def rule_firings(runtime: Runtime, tenant: str, policy: str) -> dict[str, int]:
    """Tell in how many of this week's lists each rule of a policy moved or excluded something, by rule id.

    Lists asked for with `dry_run` do not count.
    """
    runtime.shared(DecisionWriter).flush()
    week = format_week(week_of(runtime.clock(), runtime.settings.zone))
    return read_fired_counts(runtime.store(tenant), policy, week)
