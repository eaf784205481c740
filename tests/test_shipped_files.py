from pathlib import Path

import pytest

from dog.config import read_settings
from dog.shipped_files import shipped

ROOT = Path(__file__).parent.parent


def test_a_folder_without_rules_gets_the_shipped_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert read_settings({}).policy_dir == ROOT / "rules"


def test_a_folder_with_rules_keeps_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rules").mkdir()
    monkeypatch.chdir(tmp_path)

    assert read_settings({}).policy_dir == Path("rules")


def test_an_installed_package_ships_its_files_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "shipped/rules"
    inside.mkdir(parents=True)
    monkeypatch.setattr("dog.shipped_files.PACKAGE", tmp_path)

    assert shipped("rules") == inside
