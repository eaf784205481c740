from pathlib import Path

import pytest

from dog import kernel_cache
from dog.kernel_cache import KERNELS, open_kernel_cache


@pytest.fixture(autouse=True)
def no_stated_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)


def test_kernels_are_kept_beside_their_sources() -> None:
    assert open_kernel_cache().parent == KERNELS / "__pycache__"


def test_the_environment_names_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside = open_kernel_cache().name
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))

    assert open_kernel_cache() == tmp_path / beside


def test_kernels_of_a_package_that_cannot_be_written_are_kept_in_the_cache_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_cache, "KERNELS", tmp_path / "none")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert open_kernel_cache().parent == tmp_path / "dog-kernels"


def test_only_the_first_process_states_that_it_compiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    open_kernel_cache().mkdir()
    first = capsys.readouterr().err
    open_kernel_cache()

    assert first.startswith("compiling the kernels")
    assert capsys.readouterr().err == ""
