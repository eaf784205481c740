"""The queue: which contacts follow, and what `templates/inbox_queue.html` shows of it.

The template's form `#queue-filters` holds the filters; its fields are given to `find_following`.
"""

from collections.abc import Collection, Mapping
from typing import Any

from dog.console.session import author, runtime, tenant
from dog.services.pairs.worklist import next_contacts


def describe_queue(filters: Mapping[str, str]) -> dict[str, Any]:
    """Return what the page shows of the queue."""
    return {"filters": dict(filters)}


def find_following(filters: Mapping[str, str], *, without: Collection[str], count: int) -> list[str]:
    """Return the contacts that follow, at most `count`, the most valuable first, without some."""
    del filters
    return next_contacts(runtime(), tenant(), without=without, count=count, actor_id=author())
