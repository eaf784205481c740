"""`python -m dog load`: files of products, contacts, scores, feedback and transactions."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from dog.bootstrap import JOB_SECONDS, build_runtime
from dog.cli.terminal import progress_bar
from dog.core.documents.section import nearest
from dog.errors import InvalidInput
from dog.services.data.file_dialect import DELIMITERS
from dog.services.data.load_file import LoadedFile, load_file
from dog.services.data.mapping.cell_times import parse_time_format
from dog.services.data.mapping.file_columns import KINDS
from dog.services.data.mapping.files_to_load import files_to_load
from dog.services.data.mapping.load_map import DECIMALS, PLAIN, FileEntry, check_encoding, read_load_map
from dog.services.data.mapping.mapped_file import open_mapped
from dog.services.data.unknown_rows import describe_unknown
from dog.services.runtime import Runtime
from dog.services.weekly.plan_replay import describe_late

MAP_NAME = "dog.toml"
OF_TEXT = ("delimiter", "encoding")
"""Options that say nothing of a workbook."""


def _checked(check: Callable[[str], object]) -> Callable[..., str | None]:
    """Return a callback that refuses a value as a usage error where a function refuses it."""

    def call(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
        try:
            if value is not None:
                check(value)
        except InvalidInput as error:
            raise click.BadParameter(error.message) from None
        return value

    return call


@click.command()
@click.argument("words", nargs=-1, metavar="[KIND] FILE")
@click.option("--map", "map_file", type=click.Path(path_type=Path), help="dog.toml: names of columns, values, formats.")
@click.option("--delimiter", type=click.Choice(DELIMITERS), help="What separates the fields (found in the first line).")
@click.option("--decimal", type=click.Choice(DECIMALS), help="Decimal sign of numbers (found in each column).")
@click.option("--date-format", callback=_checked(parse_time_format), help="Such as dd.mm.yyyy (found in each column).")
@click.option("--encoding", callback=_checked(check_encoding), help="Such as cp1252 (found in the bytes).")
@click.option("--sheet", help="Sheet of an .xlsx file (the only one with the columns).")
@click.pass_obj
def load(tenant: str, /, words: tuple[str, ...], map_file: Path | None, **stated: str | None) -> None:
    """Load a CSV, Excel (.xlsx), NDJSON or Parquet FILE of a KIND; rejected rows go to FILE.rejected.csv.

    KIND is products, contacts, scores, feedback or transactions. Without it FILE is a folder, whose files are loaded as
    its dog.toml says, or one of these files.
    """
    if len(words) == 1:
        _load_by_map(tenant, Path(words[0]), map_file, stated)
        return
    if len(words) != 2:
        raise click.UsageError("state what to load: KIND FILE, or a folder with a dog.toml")
    kind, file = words[0], Path(words[1])
    if kind not in KINDS:
        raise click.BadParameter(f"{kind!r} is not one of {', '.join(KINDS)}{nearest(kind, KINDS)}", param_hint="KIND")
    is_workbook = file.suffix.lower() == ".xlsx"
    if unfit := [name for name in (OF_TEXT if is_workbook else ("sheet",)) if stated[name] is not None]:
        raise click.UsageError(f"--{unfit[0]} says nothing of {file.name}")
    options: dict[str, Any] = {name: value for name, value in stated.items() if value is not None}
    entry = PLAIN if map_file is None else read_load_map(map_file).entry(kind, file)
    with build_runtime(timeout_seconds=JOB_SECONDS) as runtime:
        loaded = load_and_print(runtime, tenant, kind, file, replace(entry, **options), map_file, options)
    if loaded.rejected is not None:
        raise click.exceptions.Exit(1)


def _load_by_map(tenant: str, path: Path, map_file: Path | None, stated: Mapping[str, str | None]) -> None:
    """Load the files of a folder, or one of them, as `dog.toml` says."""
    if given := [name for name, value in stated.items() if value is not None]:
        name = given[0].replace("_", "-")
        raise click.UsageError(f"--{name} belongs to one file: state its KIND too, or write it in dog.toml")
    if not path.exists():
        known = f" (a KIND needs a file: python -m dog load {path} FILE)" if str(path) in KINDS else ""
        raise click.BadParameter(f"{path} does not exist{known}", param_hint="FILE")
    folder = path if path.is_dir() else path.parent
    with build_runtime(timeout_seconds=JOB_SECONDS) as runtime:
        loaded = load_folder(runtime, tenant, folder, map_file or folder / MAP_NAME, None if path.is_dir() else path)
    if any(one.rejected is not None for one in loaded):
        raise click.exceptions.Exit(1)


def load_folder(
    runtime: Runtime, tenant: str, folder: Path, map_file: Path, only: Path | None = None
) -> list[LoadedFile]:
    """Load the files of a folder as a `dog.toml` says, with `only` that one; print what came of each."""
    if not map_file.exists():
        raise InvalidInput(f"{map_file} does not exist; python -m dog init {folder} proposes it")
    files, unknown = files_to_load(folder, read_load_map(map_file))
    if only is not None:
        files, unknown = ([one for one in files if one.path == only], [path for path in unknown if path == only])
    for path in unknown:
        click.echo(f"{path.name}: not loaded, {map_file.name} says nothing of it", err=True)
    if not files:
        raise InvalidInput(f"nothing to load in {only or folder}")
    for one in files:
        open_mapped(one.kind, one.path, one.entry)  # nothing is loaded where one of them cannot be read
    return [load_and_print(runtime, tenant, one.kind, one.path, one.entry, map_file, name_it=True) for one in files]


def load_and_print(
    runtime: Runtime,
    tenant: str,
    kind: str,
    file: Path,
    entry: FileEntry,
    map_file: Path | None,
    options: Mapping[str, str] = {},
    *,
    name_it: bool = False,
) -> LoadedFile:
    """Load a file, showing progress; print what came of it, and how its rejected rows are loaded once mended."""
    loaded = load_showing_progress(runtime, tenant, kind, file, entry)
    store = runtime.store(tenant)
    late = describe_late(store, runtime.settings.zone) if loaded.counts.in_published_weeks else None
    unknown = describe_unknown(store, loaded.counts.unknown)
    named = f"{file.name}: " if name_it else ""
    for line in (f"{named}{kind}: {loaded.counts}", *loaded.notes, *unknown, *([late] if late else [])):
        click.echo(line)
    if loaded.rejected is not None:
        reasons = ", ".join(f"{code} {count:,}" for code, count in sorted(loaded.counts.by_code.items()))
        click.echo(f"rejected rows and why: {loaded.rejected} ({reasons})", err=True)
        click.echo(f"mend and load them: {_command(tenant, kind, loaded, map_file, options)}", err=True)
    return loaded


def _command(tenant: str, kind: str, loaded: LoadedFile, map_file: Path | None, stated: Mapping[str, str]) -> str:
    """Return the command that loads the file of rejected rows."""
    options = {**loaded.found_options, **stated}
    words = ["python", "-m", "dog", *(["--tenant", tenant] if tenant != "default" else []), "load", kind]
    words += [str(loaded.rejected), *(["--map", str(map_file)] if map_file else [])]
    for name in ("decimal", "date_format"):
        words += [f"--{name.replace('_', '-')}", options[name]] if name in options else []
    return shlex.join(words)


def load_showing_progress(runtime: Runtime, tenant: str, kind: str, file: Path, entry: FileEntry = PLAIN) -> LoadedFile:
    """Load a file, showing progress."""
    with progress_bar(f"loading {kind}") as report:
        return load_file(runtime, tenant, kind, file, entry, report)
