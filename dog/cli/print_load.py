"""Load or rehearse a file, showing progress, and print the result."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from dog.cli.terminal import progress_bar
from dog.services.data.load_file import LoadedFile, load_file
from dog.services.data.loads.rehearse import rehearse_file
from dog.services.data.mapping.files_to_load import FileToLoad
from dog.services.data.mapping.map_entries import PLAIN, FileEntry, SourceEntry
from dog.services.data.row_values import RowCounts
from dog.services.data.sources.sync_sources import SyncedSource
from dog.services.data.unknown_rows import describe_unknown
from dog.services.runner import Runner
from dog.services.runtime import Runtime
from dog.services.weekly.plan_replay import describe_late


def load_and_print(
    runtime: Runtime,
    tenant: str,
    file: FileToLoad,
    map_file: Path | None,
    options: Mapping[str, str],
    *,
    title: str,
    backfill: bool = False,
    runner: Runner | None = None,
) -> bool:
    """Load a file and print the result; return whether all rows were taken. `options` are those of the command."""
    loaded = load_showing_progress(runtime, tenant, file.kind, file.path, file.entry, backfill=backfill, runner=runner)
    print_loaded(runtime, tenant, file.kind, loaded, map_file, options, title=title)
    return loaded.rejected is None


def load_showing_progress(
    runtime: Runtime,
    tenant: str,
    kind: str,
    file: Path,
    entry: FileEntry = PLAIN,
    *,
    backfill: bool = False,
    runner: Runner | None = None,
) -> LoadedFile:
    """Load a file, showing progress."""
    with progress_bar(f"loading {kind}") as report:
        return load_file(runtime, tenant, kind, file, entry, report, backfill=backfill or None, runner=runner)


def print_loaded(
    runtime: Runtime,
    tenant: str,
    kind: str,
    loaded: LoadedFile,
    map_file: Path | None,
    options: Mapping[str, str],
    *,
    title: str = "",
) -> None:
    """Print the counts, how the rows were read, how the load is undone, and how its rejected rows are loaded."""
    store, counts = runtime.store(tenant), loaded.counts
    late = describe_late(store, runtime.settings.zone) if counts.in_published_weeks else None
    lines = [f"{title}{kind}: {counts}", *loaded.notes, *describe_unknown(store, counts.unknown), late]
    if loaded.load_id:
        undo = shlex.join(["dog", *_tenant_words(tenant), "loads", "undo", loaded.load_id])
        lines.append(f"load {loaded.load_id}; take it back with: {undo}")
    for line in filter(None, lines):
        click.echo(line)
    if loaded.rejected is not None:
        click.echo(f"rejected rows and why: {loaded.rejected} ({_codes(counts)})", err=True)
        click.echo(f"fix and load them: {_command(tenant, kind, loaded, map_file, options)}", err=True)


def print_synced(
    tenant: str, map_file: Path, sources: Mapping[str, SourceEntry], found: Sequence[SyncedSource]
) -> bool:
    """Print a line for each source that was read; return whether all could be read and all rows were taken."""
    for one in found:
        click.echo(_synced(one), err=one.loaded is None)
        if one.loaded is not None and one.loaded.rejected is not None:
            words = ["dog", *_tenant_words(tenant), "load", str(sources[one.name].kind)]
            words += [str(one.loaded.rejected), "--map", str(map_file)]
            click.echo(f"  fix and load them: {shlex.join(words)}", err=True)
    return all(one.loaded is not None and not one.loaded.rejected for one in found)


def _synced(one: SyncedSource) -> str:
    if one.loaded is None:
        return f"{one.name}: failed: {one.failure}"
    counts = one.loaded.counts
    return f"{one.name}: {counts}" + (f" ({_codes(counts)}): {one.loaded.rejected}" if one.loaded.rejected else "")


def rehearse_and_print(runtime: Runtime, tenant: str, file: FileToLoad, *, title: str) -> bool:
    """Print what a load would do, and change nothing; return whether all rows would be taken."""
    with progress_bar(f"rehearsing {file.kind}") as report:
        found = rehearse_file(runtime, tenant, file.kind, file.path, file.entry, report)
    counts = found.counts
    created = f"would create: {', '.join(found.created)}" if found.created else "would create nothing"
    lines = [f"{title}{file.kind}: {counts} (dry run: nothing was changed)", *found.notes, *found.unknown, created]
    if counts.in_published_weeks:
        lines.append(f"in published weeks: {counts.in_published_weeks:,} of the accepted events")
    for line in (*lines, *([found.late] if found.late else [])):
        click.echo(line)
    if counts.rejected:
        click.echo(f"would reject: {_codes(counts)}", err=True)
        for line in found.reasons:
            click.echo(f"  {line}", err=True)
        if counts.rejected > len(found.reasons):
            more = counts.rejected - len(found.reasons)
            click.echo(f"  and {more:,} more; the load writes all to FILE.rejected.csv", err=True)
    return not counts.rejected


def _codes(counts: RowCounts) -> str:
    return ", ".join(f"{code} {count:,}" for code, count in sorted(counts.by_code.items()))


def _tenant_words(tenant: str) -> list[str]:
    return ["--tenant", tenant] if tenant != "default" else []


def _command(tenant: str, kind: str, loaded: LoadedFile, map_file: Path | None, stated: Mapping[str, str]) -> str:
    """Return the command that loads the file of rejected rows."""
    options = {**loaded.found_options, **stated}
    words = ["dog", *_tenant_words(tenant), "load", kind]
    words += [str(loaded.rejected), *(["--map", str(map_file)] if map_file else [])]
    for name in ("decimal", "date_format"):
        words += [f"--{name.replace('_', '-')}", options[name]] if name in options else []
    return shlex.join(words)
