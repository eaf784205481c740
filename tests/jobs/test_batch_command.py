from click.testing import CliRunner

from jobs.batch_command import batch


def test_a_batch_that_is_not_served_has_no_id() -> None:
    asked = CliRunner().invoke(batch, ["--out", "lists.csv", "--batch-id", "b_1"])

    assert asked.exit_code == 2
    assert "--batch-id is for --serve" in asked.output
