"""A segment that wins twice as often by call gets calls offered; where channels are alike the default stays."""

from click.testing import CliRunner

from benchmarks.channel_loop import ChannelWorld, main, simulate
from dog.services.runtime import Runtime


def test_the_better_channel_is_offered_where_it_is_better(runtime: Runtime) -> None:
    *_, last = simulate(runtime, ChannelWorld(contacts=25, weeks=10, lift=3.0))

    assert last["gold"] >= 0.9
    assert last["iron"] + last["lead"] <= 0.2


def test_where_channels_are_alike_nearly_all_keep_the_default(runtime: Runtime) -> None:
    *_, last = simulate(runtime, ChannelWorld(contacts=25, weeks=6, lift=1.0))

    assert sum(last.values()) / len(last) <= 0.1


def test_the_command_prints_a_table() -> None:
    printed = CliRunner().invoke(main, ["--contacts", "3", "--weeks", "4", "--seeds", "1"], catch_exceptions=False)

    assert printed.output.splitlines()[0] == "| week | gold | iron | lead |"
    assert printed.output.splitlines()[2].startswith("| 4 | ")
