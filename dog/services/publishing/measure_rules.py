"""Measure the rules of a live policy on the lists of a sample of contacts, and suggest values for conditions."""

from itertools import chain, islice

import orjson

from dog.core.rulebook.columns import TextColumn
from dog.services.lists.list_request import ListRequest
from dog.services.lists.snapshot import Snapshots
from dog.services.publishing.rule_impact import RuleImpact
from dog.services.publishing.sample_ranker import SampleRanker, sample_contacts
from dog.services.runtime import Runtime
from dog.storage.contacts import read_partitions

READ_CONTACTS = 500
MOST_VALUES = 200


def measure_rules(runtime: Runtime, tenant: str, policy: str, *, sample: int, k: int = 10) -> RuleImpact:
    """Return what the rules of a live policy do to lists of `k` items now; nothing is counted or stored."""
    store = runtime.store(tenant)
    impact, ranker = RuleImpact(k), SampleRanker(runtime, store, runtime.shared(Snapshots).current(store), policy)
    for contact_id in sample_contacts(store, sample):
        impact.add(ranker.rank(ListRequest(contact_id, k=k, policy=policy, dry_run=True))[0])
    return impact


def suggest_values(runtime: Runtime, tenant: str, column: str) -> list[str]:
    """Return values that a column of products or contacts has, at most 200; those of contacts from the first 500."""
    store = runtime.store(tenant)
    root, _dot, leaf = column.partition(".")
    if root == "product":
        words = runtime.shared(Snapshots).current(store).products.columns.get(column)
        return sorted(words.vocabulary)[:MOST_VALUES] if isinstance(words, TextColumn) else []
    if root != "contact":
        return []
    records = chain.from_iterable(partition.values() for partition in read_partitions(store, "contacts"))
    found = {orjson.loads(record).get(leaf) for record in islice(records, READ_CONTACTS)}
    return sorted(value for value in found if isinstance(value, str) and value)[:MOST_VALUES]
