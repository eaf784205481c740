"""`dog init`: from a folder of spreadsheets to ranked lists, in one command that can be repeated."""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from dog.bootstrap import build_runtime
from dog.cli.first_steps import recompute_due_weeks, show_list, train
from dog.cli.init_questions import agree_on, show_proposals
from dog.cli.load_command import MAP_NAME, files_of, load_files
from dog.cli.print_load import print_synced
from dog.cli.terminal import progress_bar
from dog.config import masked
from dog.errors import InvalidInput
from dog.services.data.mapping.load_map import read_load_map
from dog.services.data.mapping.map_entries import DECIMALS
from dog.services.data.mapping.propose_entry import Proposal
from dog.services.data.mapping.propose_files import SkippedFile, name_proposals, propose_files, write_map
from dog.services.data.sources.propose_sources import propose_sources, source_of
from dog.services.data.sources.sync_sources import sync_sources
from dog.services.data.unfinished_file import unfinished_file
from dog.services.policies.check_policy import check_policy
from dog.services.policies.own_policy import write_own_policy
from dog.services.publishing.publish_policy import make_default, publish_policy
from dog.services.runtime import Runtime
from dog.services.weekly.plan_replay import describe_late
from dog.storage.api_keys import DEFAULT_SCOPES, create_key, list_keys
from dog.storage.catalogue import read_models
from dog.storage.store import Store

POLICY_NAME = "policy.toml"
KEY_NAME = "dog init"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True), default=".")
@click.option("--from", "url", help="URL of a database whose tables are loaded, too; with a password as env:NAME.")
@click.option("--yes", is_flag=True, help="Ask nothing; accept the proposal.")
@click.option("--decimal", type=click.Choice(DECIMALS), help="Decimal sign, where the files are ambiguous.")
@click.option("--date-format", help="Such as dd/mm/yyyy, where the files are ambiguous.")
@click.pass_obj
def init(
    tenant: str, /, folder: Path, url: str | None, yes: bool, decimal: str | None, date_format: str | None
) -> None:
    """Load the spreadsheets of FOLDER, or a database, write dog.toml and a policy, create a key, print a first list.

    Nothing is loaded before every file can be read. It can be repeated: dog.toml and the policy are kept as they are,
    rows that are loaded already count as duplicates.
    """
    asks = not yes and sys.stdin.isatty()
    if asks and tenant == "default":
        tenant = click.prompt("Tenant", default=tenant)
    broken = _write_map(folder, url, asks=asks, decimal=decimal, date_format=date_format)
    with build_runtime() as runtime:
        store = runtime.store(tenant, create=True)
        all_taken = _load(runtime, tenant, folder)
        train(runtime, tenant)
        _publish(runtime, store, folder / POLICY_NAME)
        late = describe_late(store, runtime.settings.zone) is not None
        recompute_due_weeks(runtime, tenant, replay=True if late else None)
        show_list(runtime, store)
        _show_key(runtime, tenant)
    if not all_taken:
        click.echo("some rows were rejected: see above how to fix and load them", err=True)
    for one in broken:
        click.echo(
            f"not loaded: {one.name}: {one.why}; delete {MAP_NAME} and run init again once it is fixed", err=True
        )
    if broken or not all_taken:
        raise click.exceptions.Exit(1)


def _load(runtime: Runtime, tenant: str, folder: Path) -> bool:
    """Load what `dog.toml` names; return whether all rows were taken."""
    map_file = folder / MAP_NAME
    found = read_load_map(map_file)
    all_taken = (
        load_files(runtime, tenant, files_of(folder), map_file, {}) if found.files or not found.sources else True
    )
    if not found.sources:
        return all_taken
    with progress_bar("sync") as bar:
        synced = sync_sources(runtime, tenant, found.sources, lambda step: bar(0.0, step))
    click.echo(f"to keep them fresh: DOG_SYNC_MAP={map_file.absolute()} for dog jobs scheduler")
    return print_synced(tenant, map_file, found.sources, synced) and all_taken


def _write_map(
    folder: Path, url: str | None, *, asks: bool, decimal: str | None, date_format: str | None
) -> list[SkippedFile]:
    """Write `dog.toml` unless it exists; return the files that cannot be read.

    Raise `InvalidInput`, and write nothing, where a file cannot be mapped.
    """
    map_file = folder / MAP_NAME
    if map_file.exists():
        click.echo(f"{map_file} is used as it is; to have it proposed again, delete it")
        return []
    if url is not None and masked(url) != url:
        raise click.UsageError(
            "the URL has a password, which dog.toml would show: put it in a variable, --from env:NAME"
        )
    proposals, skipped = _propose(folder, url)
    proposals = [replace(one, entry=replace(one.entry, decimal=decimal, date_format=date_format)) for one in proposals]
    show_proposals(proposals, skipped)
    agreed = agree_on(proposals, asks=asks)
    files = [one for one in agreed if not one.head.query]
    tables = [one for one in agreed if one.head.query]
    sources = {name: source_of(one, str(url)) for name, one in name_proposals(tables).items()}
    text = write_map({name: one.entry for name, one in name_proposals(files).items()}, sources)
    with unfinished_file(map_file) as unfinished:
        unfinished.write_text(text, "utf-8")
    click.echo(f"wrote {map_file}")
    return [one for one in skipped if one.is_broken]


def _propose(folder: Path, url: str | None) -> tuple[list[Proposal], list[SkippedFile]]:
    """Propose what the files of a folder and the tables of a database are; raise `InvalidInput` where none is known."""
    proposals, skipped = propose_files(folder)
    if url is not None:
        tables, others = propose_sources(url, datetime.now(UTC).date().isoformat())
        proposals, skipped = [*proposals, *tables], [*skipped, *others]
    if not proposals:
        found = "; ".join(f"{one.name}: {one.why}" for one in skipped) or "no file that ends in .csv, .xlsx or the like"
        raise InvalidInput(f"nothing to load in {folder} ({found})")
    return proposals, skipped


def _publish(runtime: Runtime, store: Store, file: Path) -> None:
    """Publish the policy of the folder as the default; write it first where there is none."""
    tenant = store.tenant.name
    if not file.exists():
        own = "own" if tenant == "default" else tenant
        file.write_text(write_own_policy(own, read_models(store)), "utf-8")
        click.echo(f"wrote {file}")
    content = file.read_bytes()
    name = check_policy(store, content, runtime.today()).name
    stored = publish_policy(runtime, tenant, name, content, author=KEY_NAME, comment=f"from {file.name}")
    make_default(runtime, tenant, name)
    click.echo(f"policy {name} {stored['version']} serves the requests that name none")


def _show_key(runtime: Runtime, tenant: str) -> None:
    """Print a new API key, or that there is one; and what comes next."""
    now = datetime.now(UTC)
    known = [key for key in list_keys(runtime.redis, tenant) if key.is_valid_at(now)]
    if known:
        click.echo(f"API key: {known[0].key_id} exists; for another: dog --tenant {tenant} keys create")
    else:
        click.echo(f"API key, shown once: {create_key(runtime.redis, tenant, KEY_NAME, DEFAULT_SCOPES, None, now)}")
    address = f"http://{runtime.settings.bind}"
    click.echo("serve it: dog serve, and beside it dog jobs scheduler")
    click.echo(f"then: console {address}/console (log in with the key), API {address}/docs")
