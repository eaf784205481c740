"""`dog jobs consume`."""

import signal
from pathlib import Path
from time import monotonic

import click

from dog.bootstrap import build_runtime
from dog.errors import InvalidInput
from dog.services.data.mapping.file_columns import KINDS
from dog.services.data.mapping.load_map import read_load_map
from dog.services.data.mapping.map_entries import TopicEntry
from dog.services.data.row_values import RowCounts
from dog.services.data.sources.consume_topic import consume_topic

REPORT_SECONDS = 10.0


@click.command()
@click.argument("name", required=False)
@click.option("--map", "map_file", type=click.Path(path_type=Path), help="The dog.toml with the topic NAME.")
@click.option("--brokers", help="Without NAME: HOST:PORT of some brokers, separated by commas.")
@click.option("--topic", help="Without NAME: the topic.")
@click.option("--group", default="dog", show_default=True, help="Without NAME: the consumer group.")
@click.option("--kind", default="feedback", show_default=True, type=click.Choice(KINDS), help="Without NAME.")
@click.pass_obj
def consume(
    tenant: str, name: str | None, map_file: Path | None, brokers: str | None, topic: str | None, group: str, kind: str
) -> None:
    """Load the messages of a Kafka topic as they come: NAME of dog.toml, or --brokers and --topic."""
    if (name is None) == (brokers is None) or (brokers is None) != (topic is None):
        raise click.UsageError("state NAME --map dog.toml, or --brokers HOST:PORT --topic TOPIC")
    if name is not None:
        if map_file is None:
            raise click.UsageError("NAME needs --map dog.toml, which has it")
        entry = _named(name, map_file)
    else:
        mapped = {} if map_file is None else read_load_map(map_file).entry(kind, Path(kind)).mapping
        entry = TopicEntry(kind=kind, brokers=str(brokers), topic=str(topic), group=group, **mapped)
    with build_runtime() as runtime:
        signal.signal(signal.SIGTERM, lambda *_: runtime.stopping.set())
        click.echo(f"{entry.topic}: waiting for messages", err=True)
        counts = consume_topic(runtime, tenant, name or kind, entry, Reporter(entry.topic))
    click.echo(f"{entry.topic}: {counts}")


def _named(name: str, map_file: Path) -> TopicEntry:
    topics = read_load_map(map_file).topics
    if name not in topics:
        raise InvalidInput(f"{map_file} has no table [topics.{name}]; it has {', '.join(topics) or 'none'}")
    return topics[name]


class Reporter:
    """Prints the counts after the first batch, and then every ten seconds."""

    def __init__(self, topic: str) -> None:
        self._topic, self._due = topic, 0.0

    def __call__(self, counts: RowCounts) -> None:
        """Print them if it is time."""
        if monotonic() >= self._due:
            self._due = monotonic() + REPORT_SECONDS
            click.echo(f"{self._topic}: {counts}", err=True)
