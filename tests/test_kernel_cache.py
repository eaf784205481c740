import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dog import kernel_cache
from dog.kernel_cache import KERNELS, fill_kernel_cache, kernel_folder

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def no_stated_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    kernel_folder.cache_clear()
    yield
    kernel_folder.cache_clear()


def test_kernels_are_kept_beside_their_sources() -> None:
    assert kernel_folder().parent == KERNELS / "__pycache__"


def test_the_environment_names_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside = kernel_folder().name
    kernel_folder.cache_clear()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))

    assert kernel_folder() == tmp_path / beside


def test_kernels_of_a_package_that_cannot_be_written_are_kept_in_the_cache_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_cache, "KERNELS", tmp_path / "none")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert kernel_folder().parent == tmp_path / "dog-kernels"


def test_a_cache_is_filled_once_and_older_ones_but_the_last_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(kernel_cache, "COMPILER", [sys.executable, "-c", "print(end='.')"])
    for age, name in enumerate(("0123456789abcdef", "fedcba9876543210", "mine")):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (1e9 - age, 1e9 - age))
    fill_kernel_cache("numba-1")
    first = capsys.readouterr().err
    fill_kernel_cache("numba-1")

    assert first.startswith("compiling the kernels")
    assert capsys.readouterr().err == ""
    assert {one.name for one in tmp_path.iterdir()} == {kernel_folder().name, "0123456789abcdef", "mine"}


def test_a_cache_is_filled_where_no_other_folder_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(kernel_cache, "COMPILER", [sys.executable, "-c", ""])
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    fill_kernel_cache("numba-1")

    assert [one.name for one in kernel_folder().glob("*.complete")] == ["numba-1.complete"]


def test_a_failed_compiler_leaves_the_kernels_to_their_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(kernel_cache, "COMPILER", [sys.executable, "-c", "raise SystemExit(1)"])
    fill_kernel_cache("numba-1")

    assert not [*kernel_folder().glob("*.complete")]


@pytest.mark.parametrize(
    "words",
    [["--help"], ["load", "products", "none.csv"], ["keys", "create"], ["load", "products", "p.csv"], ["doctor"]],
)
def test_commands_of_the_package_that_rank_nothing_compile_nothing(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "p.csv").write_text("product_id,name\nA1,Drill\n")
    installed = tmp_path / "installed"
    for folder in ("dog", "jobs"):
        shutil.copytree(ROOT / folder, installed / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "rules", installed / "dog/shipped/rules")
    own = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kernels"), "PYTHONPATH": str(installed)}
    command = [sys.executable, "-m", "dog", *words]
    done = subprocess.run(command, cwd=tmp_path, env=own, capture_output=True, text=True, check=False)

    assert "compiling" not in done.stderr
    assert not [*(tmp_path / "kernels").rglob("*.nbc")]
