from click.testing import CliRunner

from jobs.recompute_command import recompute


def test_a_replay_is_either_asked_for_or_forbidden() -> None:
    asked = CliRunner().invoke(recompute, ["--replay", "2026-W40", "--no-replay"])

    assert asked.exit_code == 2
    assert "not both" in asked.output
