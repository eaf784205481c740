"""docs/reference/asvs.md has every requirement of levels 1 and 2 once, in order; what it names exists."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/reference/asvs.md").read_text("utf-8")
SECTIONS = """
1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 4.4:4 5.1:1 5.2:3
5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:2 8.2:3 8.3:1 8.4:1 9.1:3
9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3 11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4
13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:3 17.1:1 17.2:4
17.3:2
"""
"""Section -> how many requirements of levels 1 and 2 it begins with; those of level 3 come after them."""
NAMED = re.compile(r"`((?:dog|tests|docs|deploy)/[\w./]+?\.\w+)(?:::(\w+))?`")

Number = tuple[int, ...]


def number_of(text: str) -> Number:
    return tuple(map(int, text.split(".")))


def functions_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_requirement_stands_there_once_in_its_order() -> None:
    counts = [section.split(":") for section in SECTIONS.split()]
    every = [(*number_of(section), last) for section, count in counts for last in range(1, int(count) + 1)]
    rows = re.findall(r"^\| ([\d.]+)(?:-([\d.]+))? \| .* \| .+ \|$", PAGE, re.MULTILINE)
    ranges = [(number_of(first), number_of(last or first)) for first, last in rows]
    told = [number for first, last in ranges for number in every if first <= number <= last]

    assert len(every) == 253
    assert told == every


def test_what_holds_a_requirement_exists() -> None:
    named = NAMED.findall(PAGE)

    assert len(named) > 100
    assert [path for path, _ in named if not (ROOT / path).is_file()] == []
    assert [(path, name) for path, name in named if name and name not in functions_of(path)] == []


def test_what_is_not_held_is_said_at_the_top() -> None:
    top, _, rows = PAGE.partition("\n## ")
    open_ = set(re.findall(r"^\| ([\d.]+)\S* \|.*\*\*not held\*\*", rows, re.MULTILINE | re.IGNORECASE))

    assert open_ <= set(re.findall(r"\d+\.\d+\.\d+", top))
