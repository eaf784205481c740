"""The laps of a whole tenant, for policies with `lap_scope = "tenant"`: they are due a recursion together."""

from dataclasses import replace

from dog.core.iso_weeks import format_week
from dog.core.learning.recursion import tenant_recursion_due
from dog.services.weekly.partition_pass import WeekInput
from dog.storage.ledgers import read_tenant_laps
from dog.storage.store import Store


def count_tenant_laps(store: Store, week_input: WeekInput, week: int) -> WeekInput:
    """Return the week's input with whether each such policy's recursion is due by the week's end.

    Laps of later weeks are subtracted; reads nothing where every policy counts each contact's own laps.
    """
    policies = week_input.policies
    if all(policy.settings.lap_scope == "contact" for policy in policies.values()):
        return week_input
    everything, this_week, *later = read_tenant_laps(store, [format_week(week), *week_input.later_weeks])
    now = everything - sum(later)
    return replace(
        week_input,
        policies={
            name: policy
            if policy.settings.lap_scope == "contact"
            else replace(
                policy,
                tenant_recursion=tenant_recursion_due(now - this_week, now, policy.settings.recursion.laps),
            )
            for name, policy in policies.items()
        },
    )
