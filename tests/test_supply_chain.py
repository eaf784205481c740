"""What the service is installed with: locked, hashed, listed with its licences."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = sorted(ROOT.glob("requirements*.txt"))
COPYLEFT = re.compile(r"\b(A?GPL|SSPL|BUSL|CC-BY-NC)", re.IGNORECASE)


def packages(lock: Path) -> dict[str, str]:
    """Read each package of a lock with all that belongs to it."""
    blocks = re.split(
        r"^(?=[a-z0-9])", re.sub(r"^\s*#.*\n", "", lock.read_text("utf-8"), flags=re.MULTILINE), flags=re.MULTILINE
    )
    return {re.split(r"[=\[; ]", block)[0]: block for block in blocks if block.strip()}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_package_is_pinned_and_hashed(lock: Path) -> None:
    found = packages(lock)

    assert len(found) > 20
    for name, block in found.items():
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\d", block), name
        assert "--hash=sha256:" in block, name


def test_the_image_installs_by_the_hashes_of_the_lock() -> None:
    lines = re.findall(r"pip install .*", (ROOT / "Dockerfile").read_text("utf-8"))

    assert len(lines) == 1
    assert "--require-hashes --no-deps -r /build/requirements.txt" in lines[0]


def test_every_package_stands_with_its_licence_and_none_forbids_commercial_use() -> None:
    page = (ROOT / "docs/reference/licences.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `([a-z0-9._-]+)` \| (.+) \|$", page, re.MULTILINE))

    assert set(told) == set(packages(ROOT / "requirements-console.txt"))
    assert [name for name, licence in told.items() if COPYLEFT.search(licence)] == []


def test_the_bill_of_materials_has_every_package_with_its_hashes(tmp_path: Path) -> None:
    line = re.search(r"-m (cyclonedx_py requirements .*)", (ROOT / "Makefile").read_text("utf-8"))
    assert line is not None
    words = [word.replace("dist/sbom.json", str(tmp_path / "sbom.json")) for word in line[1].split()]
    subprocess.run([sys.executable, "-m", *words], cwd=ROOT, check=True, capture_output=True)
    bill = json.loads((tmp_path / "sbom.json").read_bytes())
    components = {part["name"]: part for part in bill["components"]}

    assert bill["bomFormat"] == "CycloneDX"
    assert set(components) == set(packages(ROOT / "requirements-console.txt"))
    assert all(part["purl"].startswith("pkg:pypi/") and part["version"] for part in components.values())
