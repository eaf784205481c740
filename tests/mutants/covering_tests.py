"""Which tests run which line: coverage of the suite, measured once and kept until a mutated file changes."""

import hashlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

FOLDERS = ("dog/storage", "dog/services/feedback")
UNRELATED = ("tests/core", "tests/models", "tests/offline", "tests/benchmarks", "tests/image", "tests/test_static.py")
"""Tests that run none of these folders, or none that others do not."""


class CoveringTests:
    """The tests that run a line, the nearest first, then the fastest."""

    def __init__(self, root: Path, cache: Path) -> None:
        from coverage import CoverageData  # type: ignore[import-not-found]  # noqa: PLC0415  # see `make mutants`

        self._root = root
        sources = hashlib.sha256(b"".join(path.read_bytes() for path in mutated_files(root))).hexdigest()[:12]
        data, times = cache / f"{sources}.coverage", cache / f"{sources}.xml"
        if not (data.exists() and times.exists()):
            _measure(root, data, times)
        self._coverage = CoverageData(str(data))
        self._coverage.read()
        self._seconds = {
            f"{case.get('file')}::{case.get('name')}": float(case.get("time", "1"))
            for case in ET.parse(times).iter("testcase")
            if case.find("failure") is None
        }
        self._elsewhere = tomllib.loads((root / "tests/tested_elsewhere.toml").read_text("utf-8"))

    def of_lines(self, name: str, lines: Iterable[int], most_seconds: float) -> tuple[list[str], float]:
        """Return the tests of some lines, as many as take `most_seconds`, and how long they take.

        The file of tests beside the module comes first, as a whole: it may have tests that are newer than the coverage.
        """
        nearest = self._test_file(name)
        found = self._running(name, lines)
        seconds = sum(self._seconds[test] for test in found if test.startswith(f"{nearest}::"))
        chosen = [nearest]
        for test in sorted(found, key=self._seconds.__getitem__):
            if not test.startswith(f"{nearest}::") and seconds + self._seconds[test] <= most_seconds:
                chosen.append(test)
                seconds += self._seconds[test]
        return chosen, seconds

    def _running(self, name: str, lines: Iterable[int]) -> set[str]:
        if name.endswith(".lua"):
            name, lines = self._call_of_script(name)
        contexts = self._coverage.contexts_by_lineno(str(self._root / name))
        found = {context for line in lines for context in contexts.get(line, ())}
        if not found - {""}:  # run when the module is imported, or by no test in this process
            found = {context for some in contexts.values() for context in some}
        return {context.rpartition("|")[0] for context in found} & set(self._seconds)

    def _call_of_script(self, name: str) -> tuple[str, list[int]]:
        """Find the lines of Python that run a script."""
        for path in mutated_files(self._root):
            if path.suffix == ".py":
                calls = re.finditer(rf'script\(\s*"{Path(name).stem}"', path.read_text("utf-8"))
                lines = [path.read_text("utf-8").count("\n", 0, call.start()) + 1 for call in calls]
                if lines:
                    return path.relative_to(self._root).as_posix(), lines
        return "dog/storage/round_trip.py", []

    def _test_file(self, name: str) -> str:
        if name.endswith(".lua"):
            name = self._call_of_script(name)[0]
        mirrored = f"tests/{Path(name).parent.relative_to('dog')}/test_{Path(name).name}"
        return str(self._elsewhere.get(name, mirrored))


def mutated_files(root: Path) -> list[Path]:
    """List the files that are changed."""
    return sorted(path for folder in FOLDERS for path in (root / folder).rglob("*") if path.suffix in (".py", ".lua"))


def _measure(root: Path, data: Path, times: Path) -> None:
    data.parent.mkdir(parents=True, exist_ok=True)
    print("measuring which test runs which line: once, as long as the suite takes", file=sys.stderr)  # noqa: T201
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadscope", "-m", "not slow and not browser"]
    command += ["--cov-context=test", "--cov-report=", *(f"--cov={folder}" for folder in FOLDERS)]
    command += [f"--junitxml={times}", "-o", "junit_family=xunit1", *(f"--ignore={path}" for path in UNRELATED)]
    subprocess.run([*command, "tests"], cwd=root, check=False)
    (root / ".coverage").rename(data)
