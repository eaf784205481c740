"""Logs with propensities, from a file to estimates."""

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from dog.errors import InvalidInput
from dog.offline.off_policy.estimate_from_file import estimate_from_file
from dog.offline.off_policy.policy_value import estimate_value
from dog.offline.statistics.intervals import Clusters
from jobs.cli import jobs
from tests.offline.worlds import make_world


def write_log(folder: Path, name: str = "log.csv", *, model: bool = True) -> Path:
    world = make_world(0)
    table = pd.DataFrame(
        {
            "contact_id": [f"c{number}" for number in world.contact],
            "reward": world.logged.reward,
            "propensity": world.logged.propensity,
            "chance": world.target.chance,
        }
    )
    if model:
        table = table.assign(predicted=world.target.predicted, direct=world.target.direct)
    table.to_csv(folder / name, index=False)
    return folder / name


def test_a_file_gives_the_estimates_of_its_rows(tmp_path: Path) -> None:
    world = make_world(0)

    found = estimate_from_file(write_log(tmp_path))

    assert found == estimate_value(Clusters(world.contact), world.logged, world.target)
    assert found.estimates["snips"].low < world.truth < found.estimates["snips"].high


def test_without_a_model_doubly_robust_is_ips(tmp_path: Path) -> None:
    found = estimate_from_file(write_log(tmp_path, model=False))

    assert found.estimates["dr"] == found.estimates["ips"]


def test_a_row_that_cannot_be_read_is_named_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("contact_id,reward,propensity,chance\nc1,1,0.5,0.5\nc2,1,1.5,0.5\n", "utf-8")

    with pytest.raises(InvalidInput, match=r"log.csv: line 3: propensity must be a chance, 1.5 is none"):
        estimate_from_file(file)


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("contact_id,reward,propensity,chance\n", "utf-8")

    with pytest.raises(InvalidInput, match="there are no rows"):
        estimate_from_file(file)


def test_the_command_prints_every_estimator(tmp_path: Path) -> None:
    answer = CliRunner().invoke(jobs, ["off-policy", str(write_log(tmp_path))])

    assert answer.exit_code == 0, answer.output
    assert all(name in answer.output for name in ("ips", "snips", "dr", "switch", "won a row"))
