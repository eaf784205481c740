"""What the start leaves out, and that it is there again for whoever wants it."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dog.lean_imports import UNUSED, lean_imports

ROOT = Path(__file__).parent.parent


def test_a_package_no_list_needs_cannot_be_imported_meanwhile_and_can_be_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "yaml"]:
        monkeypatch.delitem(sys.modules, name)

    with lean_imports(), pytest.raises(ModuleNotFoundError):
        import yaml  # noqa: F401, PLC0415
    import yaml as imported  # noqa: PLC0415

    assert imported.safe_load("one: 1") == {"one": 1}


def test_a_package_that_is_imported_already_stays_as_it_is() -> None:
    import rich  # noqa: PLC0415

    with lean_imports():
        import rich as again  # noqa: PLC0415

    assert again is rich
    assert sys.modules["rich"] is rich


def test_garbage_is_collected_again_even_where_an_import_fails() -> None:
    with pytest.raises(ImportError), lean_imports():
        import dog.no_such_module  # type: ignore[import-not-found]  # noqa: F401, PLC0415

    assert gc.isenabled()


def test_the_service_stands_without_frames_bars_and_what_draws(tmp_path: Path) -> None:
    stays_away = {*UNUSED, "dash", "flask_swagger_ui", "granian", "matplotlib", "pandas", "pyarrow", "scipy", "sklearn"}
    code = "import wsgi, sys; print(wsgi.runtime.redis.ping(), *sys.modules); wsgi.runtime.close()"
    own = {"DOG_DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    started = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=own, check=True, capture_output=True, text=True
    )

    stands, *modules = started.stdout.split()

    assert stands == "True"
    assert "sqlglot" in modules
    assert not stays_away.intersection(modules)
