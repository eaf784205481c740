"""What `make run` and `dog init` do once data are loaded: train, recompute, print a list."""

from typing import Any

import click
import orjson

from dog.cli.recommend_command import print_list
from dog.cli.terminal import progress_bar
from dog.errors import NotReady
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.lists.recommend_contacts import ContactsRequest, recommend_contacts
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.contacts import read_partitions
from dog.storage.store import Store

SHOWN_ITEMS = 5


def train(runtime: Runtime, tenant: str) -> None:
    """Fit the reference models and the model start; print how good they are, or why there is nothing to fit."""
    from dog.offline.meta import learn  # noqa: PLC0415  # takes a second to import, which later starts save

    try:
        with progress_bar("training") as report:
            learned = learn(runtime, tenant, by_hand=True, report=report)
    except NotReady as error:
        click.echo(f"no model was trained: {error.message}")
        return
    for model in learned.models:
        figures = ", ".join(f"{name} {value:.4g}" for name, value in model.quality.items())
        naive = ", ".join(f"{name} {value:.4g}" for name, value in model.baseline.items())
        click.echo(f"{model.name}: {figures} (naive: {naive})")
    click.echo(learned.parts["start"])


def recompute_due_weeks(runtime: Runtime, tenant: str, *, replay: bool | None = None) -> int:
    """Publish the multipliers of every due week; return their number. `replay` is that of `run_recompute`."""
    with progress_bar("multipliers") as report:
        results = run_recompute(runtime, tenant, replay=replay, report=report)
    if results:
        pairs = results[-1].counts["pairs"]
        click.echo(f"multipliers: {len(results)} week(s) published, up to {results[-1].week}, {pairs:,} pairs")
    return len(results)


def show_list(runtime: Runtime, store: Store) -> str:
    """Print the list of the contact with the most pitches, of another where that is empty; return its id."""
    contact = most_pitched(runtime, store)
    shown = _list_of(runtime, store, contact)
    if not shown["items"]:
        ranked = orjson.loads(recommend_contacts(runtime, store.tenant.name, ContactsRequest(k=1)))["items"]
        for item in ranked:
            contact = item["contact_id"]
            shown = _list_of(runtime, store, contact)
    print_list(shown)
    return contact


def _list_of(runtime: Runtime, store: Store, contact: str) -> dict[str, Any]:
    request = ListRequest(contact, k=SHOWN_ITEMS, dry_run=True)
    shown: dict[str, Any] = orjson.loads(recommend(runtime, store.tenant.name, request).body)
    return shown


def most_pitched(runtime: Runtime, store: Store) -> str:
    """Return the id of the contact with the most pitches; among equals, the first that is found."""
    snapshot = runtime.shared(Snapshots).current(store)
    best, most = b"", -1
    if snapshot.version is not None:
        source = snapshot.policy(None).multipliers_of
        for arrays in read_partitions(store, "multipliers", f"{snapshot.version.version}:{source}"):
            for digest, packed in arrays.items():
                if len(packed) > most:
                    best, most = digest, len(packed)
    for records in read_partitions(store, "contacts"):
        if best in records or (not best and records):
            return str(orjson.loads(records.get(best) or next(iter(records.values())))["contact_id"])
    raise click.ClickException("no contact is loaded; load some (dog load contacts FILE), then run this command again")
