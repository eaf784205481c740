"""Policy files: when they come in force, what they never replace, and what a broken one does."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from dog.core.rulebook import condition_parser, known_trees
from dog.errors import InvalidPolicy
from dog.services.operations.doctor import run_doctor
from tests.api.test_policy_routes import BARE, product_ids, rule
from tests.conftest import Api


@pytest.fixture
def policy_dir(tmp_path: Path) -> Path:
    """Copy the shipped policies into a folder of the test's own."""
    return Path(shutil.copytree(Path(__file__).parents[3] / "rules", tmp_path / "rules"))


def test_a_changed_file_acts_when_the_service_starts_and_not_when_somebody_looks(
    api: Api, recommend: Any, runtime: Any, policy_dir: Path
) -> None:
    before = recommend()["policy_version"]
    (policy_dir / "recommended.toml").write_text(BARE + rule("product.id = 'p1'", "{exclude = true}"))
    runtime._stores.clear()
    runtime.serves = False
    runtime.store("default")
    looked_at = recommend()["policy_version"]
    runtime._stores.clear()
    runtime.serves = True
    runtime.store("default")

    assert looked_at == before != recommend()["policy_version"]
    assert product_ids(recommend()) == ["p2", "p3", "p4"]


def test_a_start_with_unchanged_policies_parses_no_condition(
    api: Api, recommend: Any, runtime: Any, policy_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (policy_dir / "recommended.toml").write_text(BARE + rule("product.id = 'p1'", "{exclude = true}"))
    runtime._stores.clear()
    runtime.store("default")
    before = recommend()

    def refuse(text: str) -> None:
        raise AssertionError(f"parsed: {text}")

    monkeypatch.setattr(condition_parser, "parse_condition", refuse)
    monkeypatch.setattr(known_trees, "_known", {})
    runtime._stores.clear()
    runtime._shared.clear()
    runtime.store("default")

    assert product_ids(recommend()) == product_ids(before) == ["p2", "p3", "p4"]


def test_a_rollback_survives_every_restart_though_the_file_says_otherwise(
    api: Api, recommend: Any, runtime: Any, policy_dir: Path
) -> None:
    before = recommend()["policy_version"]

    def start_with(content: str) -> str:
        (policy_dir / "recommended.toml").write_text(content)
        runtime._stores.clear()
        runtime.store("default")
        return str(recommend()["policy_version"])

    by_file = start_with(BARE + rule("true", "{multiply = 1.1}"))
    api.post(f"/v1/policies/recommended/versions/{before}/activate")
    started_again = start_with(BARE + rule("true", "{multiply = 1.1}"))
    started_anew = start_with(BARE + rule("true", "{multiply = 1.3}"))  # over a person's choice no file acts

    assert by_file != before
    assert started_again == started_anew == before


def test_a_broken_file_leaves_the_version_in_force_and_is_named_by_doctor(
    api: Api, recommend: Any, runtime: Any, policy_dir: Path
) -> None:
    before = recommend()["policy_version"]
    (policy_dir / "recommended.toml").write_text('name = "recommended"\n[reinforcement]\na_max = 0.5\n')
    runtime._stores.clear()
    runtime.store("default")
    told = [finding for finding in run_doctor(runtime, "default") if finding.about == "policy file"]

    assert recommend()["policy_version"] == before
    assert [finding.ok for finding in told] == [False]
    assert "recommended.toml: line 3, column 1: /reinforcement/a_max" in told[0].says


def test_a_broken_file_stops_a_tenant_that_has_no_policy_yet_and_is_named(runtime: Any, policy_dir: Path) -> None:
    (policy_dir / "recommended.toml").write_text("name = 1")

    with pytest.raises(InvalidPolicy, match=r"recommended\.toml: line 1, column 1"):
        runtime.store("fresh", create=True)
