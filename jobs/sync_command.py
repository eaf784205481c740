"""`dog jobs sync`."""

from collections.abc import Mapping
from pathlib import Path

import click

from dog.bootstrap import build_runtime
from dog.cli.print_load import print_synced
from dog.cli.terminal import progress_bar
from dog.errors import InvalidInput
from dog.services.data.mapping.load_map import read_load_map
from dog.services.data.mapping.map_entries import SourceEntry
from dog.services.data.sources.sync_sources import sync_sources


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--map", "map_file", required=True, type=click.Path(path_type=Path), help="The dog.toml with the sources."
)
@click.pass_obj
def sync(tenant: str, names: tuple[str, ...], map_file: Path) -> None:
    """Load what is new in the sources of a dog.toml, in their order: all of them, or those named."""
    sources = _chosen(read_load_map(map_file).sources, names, map_file)
    with build_runtime() as runtime, progress_bar("sync") as bar:
        found = sync_sources(runtime, tenant, sources, lambda step: bar(0.0, step))
    if not print_synced(tenant, map_file, sources, found):
        raise click.exceptions.Exit(1)


def _chosen(sources: Mapping[str, SourceEntry], names: tuple[str, ...], map_file: Path) -> dict[str, SourceEntry]:
    """Return the named sources, all without names."""
    if not sources:
        raise InvalidInput(f"{map_file} has no sources; add a table such as [sources.deals]")
    if unknown := [name for name in names if name not in sources]:
        raise InvalidInput(f"{map_file} has no source {unknown[0]}; it has {', '.join(sources)}")
    return {name: sources[name] for name in dict.fromkeys(names)} if names else {**sources}
