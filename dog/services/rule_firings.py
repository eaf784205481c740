"""How often rules act on real lists, this week."""

from dog.core.weeks import format_week, week_of
from dog.services.house import House
from dog.storage.decisions import read_fired


def rule_firings(house: House, tenant: str, policy: str) -> dict[str, int]:
    """Tell in how many of this week's lists each rule of a policy moved or excluded something, by rule id.

    Lists asked for with `dry_run` do not count, nor do caps, whose work no list shows.
    """
    house.decisions.flush()
    week = format_week(week_of(house.clock(), house.settings.zone))
    return read_fired(house.store(tenant), policy, week)
