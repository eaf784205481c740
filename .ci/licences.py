"""`make licences`: write docs/reference/licences.md, the licences of all packages of the service and its console."""

import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).parent.parent
HEAD = """# Licences

DOG itself is under the [Apache License 2.0](../../LICENSE). The service and its console are installed with these
packages (`requirements-console.txt`, which includes `requirements.txt`), each under the licence in its metadata. `make
licences` writes this page, `make sbom` the same for programs (CycloneDX). The sample data and the development tools are
not included.

| package | licence |
|---|---|
"""
NOT_HERE = {
    "colorama": "BSD-3-Clause",
    "tzlocal": "MIT",
    "async-timeout": "PSF-2.0",
    "importlib-metadata": "Apache-2.0",
}
"""Packages needed only on other systems or Python versions, so not installed here."""


def required() -> list[str]:
    """List the packages of requirements-console.txt, in order."""
    lock = (ROOT / "requirements-console.txt").read_text("utf-8")
    return list(dict.fromkeys(re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==", lock, re.MULTILINE)))


def licence_of(package: str) -> str:
    """Return the licence in the metadata of an installed package, in its shortest form."""
    try:
        says = metadata(package)
    except PackageNotFoundError:
        if package in NOT_HERE:
            return NOT_HERE[package]
        raise SystemExit(f"{package} is not installed here; name its licence in {__file__}") from None
    classified = [line.rpartition(" :: ")[2] for line in says.get_all("Classifier") or [] if line.startswith("License")]
    text = (says.get("License") or "").strip()
    short = text if text and "\n" not in text and len(text) <= 60 else ""
    found = says.get("License-Expression") or short or ", ".join(classified)
    if not found:
        raise SystemExit(f"{package} does not say its licence; find out, and name it in {__file__}")
    return str(found)


if __name__ == "__main__":
    rows = "".join(f"| `{package}` | {licence_of(package)} |\n" for package in required())
    (ROOT / "docs" / "reference" / "licences.md").write_text(HEAD + rows, "utf-8")
    sys.stdout.write(f"docs/reference/licences.md: {len(required())} packages\n")
