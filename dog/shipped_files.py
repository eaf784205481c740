"""Files that a checkout has at its top and the wheel in `dog/shipped`: the rules, and the page of errors."""

from pathlib import Path

PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path:
    """Return the path of a file or folder that is named from the top of the checkout."""
    installed = PACKAGE / "shipped" / name
    return installed if installed.exists() else PACKAGE.parent / name


def is_packaged(path: Path) -> bool:
    """Return whether a file came with an installed package: tests checked it before the release."""
    return path.resolve().is_relative_to((PACKAGE / "shipped").resolve())


def find_rules() -> Path:
    """Return the folder `rules` of the working directory; where there is none, the shipped one."""
    own = Path("rules")
    return own if own.is_dir() else shipped("rules")
