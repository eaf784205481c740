"""`dog load`: products, contacts, scores, feedback and transactions of files, folders and databases."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from dog.bootstrap import build_runtime
from dog.cli.print_load import load_and_print, print_loaded, rehearse_and_print
from dog.cli.runner_options import runner_options
from dog.cli.terminal import progress_bar
from dog.core.documents.section import nearest
from dog.errors import InvalidInput, NotFound
from dog.services.data.file_dialect import DELIMITERS
from dog.services.data.mapping.cell_times import parse_time_format
from dog.services.data.mapping.contact_ids import with_contact_ids
from dog.services.data.mapping.file_columns import KINDS
from dog.services.data.mapping.files_to_load import FileToLoad, files_to_load
from dog.services.data.mapping.load_map import read_load_map
from dog.services.data.mapping.map_entries import DECIMALS, PLAIN, SourceEntry, check_encoding
from dog.services.data.mapping.mapped_file import open_mapped
from dog.services.data.sources.sync_sources import load_query
from dog.services.lists.unknown_names import has_contact_rows
from dog.services.runner import Runner, open_runner
from dog.services.runtime import Runtime

MAP_NAME = "dog.toml"
OF_TEXT = ("delimiter", "encoding")
"""Options that do not apply to a workbook."""


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
@click.option("--from", "url", help="URL of a database instead of FILE, or env:NAME: the variable that has it.")
@click.option("--query", help="With --from: the query whose rows are loaded.")
@click.option("--cursor", help="With --from: a column that grows; the next load continues from its last value.")
@click.option("--map", "map_file", type=click.Path(path_type=Path), help="dog.toml: names of columns, values, formats.")
@click.option("--delimiter", type=click.Choice(DELIMITERS), help="What separates the fields (found in the first line).")
@click.option("--decimal", type=click.Choice(DECIMALS), help="Decimal sign of numbers (found in each column).")
@click.option("--date-format", callback=_checked(parse_time_format), help="Such as dd.mm.yyyy (found in each column).")
@click.option("--encoding", callback=_checked(check_encoding), help="Such as cp1252 (found in the bytes).")
@click.option("--sheet", help="Sheet of an .xlsx file (the only one with the columns).")
@click.option("--backfill", is_flag=True, help="Load history in bulk; other feedback waits meanwhile.")
@click.option("--dry-run", is_flag=True, help="Report what would be loaded, rejected and created; change nothing.")
@runner_options
@click.pass_obj
def load(
    tenant: str,
    /,
    words: tuple[str, ...],
    url: str | None,
    query: str | None,
    cursor: str | None,
    map_file: Path | None,
    *,
    backfill: bool,
    dry_run: bool,
    processes: int,
    dask: str | None,
    **stated: str | None,
) -> None:
    """Load a CSV, Excel (.xlsx), NDJSON or Parquet FILE of a KIND; rejected rows go to FILE.rejected.csv.

    KIND is products, contacts, scores, feedback or transactions. Without it FILE is a folder, whose files are loaded as
    its dog.toml says, or one of these files. With --from the rows are those of a database.
    """
    options = {name: value for name, value in stated.items() if value is not None}
    if url is not None or query is not None or cursor is not None:
        if backfill:
            raise click.UsageError("--backfill loads files; export the rows of the query to one")
        _check_query(words, url, query, options, dry_run=dry_run)
        _load_query(tenant, words[0], str(url), str(query), cursor, map_file, options)
        return
    if len(words) not in (1, 2):
        raise click.UsageError("state what to load: KIND FILE, or a folder with a dog.toml")
    if backfill and len(words) == 2 and words[0] != "feedback":
        raise click.UsageError(f"--backfill does not apply to {words[0]}: it loads feedback")
    title = len(words) == 1
    files = (
        _files_by_map(Path(words[0]), map_file, options) if title else [_file(words[0], words[1], map_file, options)]
    )
    if title and map_file is None:
        map_file = files[0].path.parent / MAP_NAME
    with (
        build_runtime() as runtime,
        open_runner(runtime, processes=processes, dask=dask) as runner,
    ):
        all_taken = load_files(
            runtime,
            tenant,
            files,
            map_file,
            options,
            backfill=backfill,
            dry_run=dry_run,
            with_titles=title,
            runner=runner,
        )
    if not all_taken:
        raise click.exceptions.Exit(1)


def load_files(
    runtime: Runtime,
    tenant: str,
    files: list[FileToLoad],
    map_file: Path | None,
    options: Mapping[str, str],
    *,
    backfill: bool = False,
    dry_run: bool = False,
    with_titles: bool = True,
    runner: Runner | None = None,
) -> bool:
    """Load or rehearse files and print the result of each; return whether all rows were taken."""
    if with_titles:
        files = _with_contacts(runtime, tenant, files)
    for one in files if len(files) > 1 else ():
        open_mapped(one.kind, one.path, one.entry)  # nothing is loaded where one of them cannot be read
    taken = []
    for one in files:
        title = f"{one.path.name}: " if with_titles else ""
        if dry_run:
            taken.append(rehearse_and_print(runtime, tenant, one, title=title))
        else:
            taken.append(
                load_and_print(runtime, tenant, one, map_file, options, title=title, backfill=backfill, runner=runner)
            )
    return all(taken)


def _with_contacts(runtime: Runtime, tenant: str, files: list[FileToLoad]) -> list[FileToLoad]:
    """Return the files; of a tenant without rows of contacts, files of scores are those of contacts, too."""
    with suppress(NotFound):
        if has_contact_rows(runtime.store(tenant)):
            return files
    found = with_contact_ids(files)
    if len(found) > len(files):
        click.echo("no file has contacts: their ids come from the scores")
    return found


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise click.BadParameter(f"{kind!r} is not one of {', '.join(KINDS)}{nearest(kind, KINDS)}", param_hint="KIND")


def _file(kind: str, name: str, map_file: Path | None, options: Mapping[str, Any]) -> FileToLoad:
    """Return the file that is stated by kind and name, and what is stated of it."""
    _check_kind(kind)
    path = Path(name)
    is_workbook = path.suffix.lower() == ".xlsx"
    if unfit := [option for option in (OF_TEXT if is_workbook else ("sheet",)) if option in options]:
        raise click.UsageError(f"--{unfit[0]} does not apply to {path.name}")
    entry = PLAIN if map_file is None else read_load_map(map_file).entry(kind, path)
    return FileToLoad(kind=kind, path=path, entry=replace(entry, **options))


def _files_by_map(path: Path, map_file: Path | None, options: Mapping[str, str]) -> list[FileToLoad]:
    """Return the files of a folder, or one of them, as its `dog.toml` has them."""
    if options:
        name = next(iter(options)).replace("_", "-")
        raise click.UsageError(f"--{name} belongs to one file: state its KIND too, or write it in dog.toml")
    if not path.exists() and str(path) in KINDS:
        raise click.UsageError("state a FILE, or a database by --from URL --query QUERY")
    if not path.exists():
        raise click.BadParameter(f"{path} does not exist", param_hint="FILE")
    return files_of(path, map_file)


def files_of(path: Path, map_file: Path | None = None) -> list[FileToLoad]:
    """Return the files of a folder, or one of them, as a `dog.toml` has them; print those of which it says nothing."""
    folder = path if path.is_dir() else path.parent
    map_file = map_file or folder / MAP_NAME
    if not map_file.exists():
        raise InvalidInput(f"{map_file} does not exist; dog init {folder} proposes it")
    files, unknown = files_to_load(folder, read_load_map(map_file))
    if path != folder:
        files, unknown = [one for one in files if one.path == path], [one for one in unknown if one == path]
    for one in unknown:
        click.echo(f"{one.name}: not loaded, {map_file.name} does not apply to it", err=True)
    if not files:
        raise InvalidInput(f"nothing to load in {path}")
    return files


def _check_query(
    words: tuple[str, ...], url: str | None, query: str | None, options: Mapping[str, str], *, dry_run: bool
) -> None:
    """Raise a usage error where options do not go together with a database."""
    if len(words) > 1:
        raise click.UsageError("state a FILE, or a database by --from URL --query QUERY, not both")
    if url is None or query is None:
        raise click.UsageError("--from, --query and --cursor go together: --from URL --query QUERY [--cursor COLUMN]")
    if not words:
        raise click.UsageError("state the KIND of the rows, such as feedback")
    _check_kind(words[0])
    if dry_run:
        raise click.UsageError("--dry-run rehearses files; export some rows of the query to one")
    if unfit := [option for option in ("sheet", *OF_TEXT) if option in options]:
        raise click.UsageError(f"--{unfit[0]} does not apply to a database")


def _load_query(
    tenant: str,
    kind: str,
    url: str,
    query: str,
    cursor: str | None,
    map_file: Path | None,
    options: Mapping[str, Any],
) -> None:
    """Load the rows of a query and print the result."""
    entry = replace(PLAIN if map_file is None else read_load_map(map_file).entry(kind, Path(kind)), **options)
    source = SourceEntry(kind=kind, url=url, query=query, cursor=cursor, **entry.mapping)
    with build_runtime() as runtime:
        with progress_bar(f"loading {kind}") as bar:
            loaded = load_query(runtime, tenant, source, Path.cwd(), lambda step: bar(0.0, step))
        print_loaded(runtime, tenant, kind, loaded, map_file, options)
    if loaded.rejected is not None:
        raise click.exceptions.Exit(1)
