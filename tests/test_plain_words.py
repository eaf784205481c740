"""Plain English wherever somebody reads: code, comments, messages, templates, scripts, rules, pages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PHRASES = Path(__file__).with_name("banned_phrases.txt")
"""A phrase a line, with plain words in its place; the file says how."""
CODE = ("dog/**/*.py", "jobs/**/*.py", "dog/**/*.html", "dog/**/*.js", "dog/**/*.css", "dog/**/*.lua")
PAGES = ("*.md", "docs/**/*.md", "dog/**/*.md", "rules/*")
MINIFIED = re.compile(r"htmx-.*\.js")
GAP = r"""(?:\s|\#|//|--|f?")+"""
"""What may stand between two words: a line's end, the sign of a comment, the quotes of a text over two lines."""
FILES = sorted(
    path
    for pattern in CODE + PAGES
    for path in ROOT.glob(pattern)
    if path.is_file() and not MINIFIED.fullmatch(path.name)
)


def pattern_of(phrase: str) -> re.Pattern[str]:
    """Return the pattern that finds a phrase between other words."""
    return re.compile(rf"(?<![\w-])(?:{phrase})(?![\w-])", re.IGNORECASE)


def read_phrases() -> Iterator[tuple[str, str]]:
    """Return the regular expression of each phrase, and its plain words."""
    for line in PHRASES.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            phrase, _arrow, plain = line.partition(" => ")
            yield phrase.replace(" ", GAP), plain


BANNED = [(pattern_of(phrase), plain) for phrase, plain in read_phrases()]
ANY_BANNED = pattern_of("|".join(phrase for phrase, _plain in read_phrases()))
"""One search for all phrases takes a fifth of the time of one for each."""


def banned_in(text: str) -> list[str]:
    """Return the banned phrases of a text, each with its line and its plain words."""
    if not ANY_BANNED.search(text):
        return []
    return [
        f"line {1 + text.count(chr(10), 0, found.start())}: {' '.join(found[0].split())!r} => {plain}"
        for phrase, plain in BANNED
        for found in phrase.finditer(text)
    ]


def test_each_file_is_in_plain_words() -> None:
    found = {str(path.relative_to(ROOT)): banned_in(path.read_text("utf-8")) for path in FILES}

    assert {path: phrases for path, phrases in found.items() if phrases} == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It comes into being.", ["line 1: 'comes into being' => is created"]),
        ('f"a policy\\n"\n    f"comes in "\n    f"force"', ["line 2", "line 2"]),
        ("# whoever\n# goes\n# on", ["line 1: 'whoever' => who, anyone who", "line 2: 'goes # on' => continues"]),
        ("There is no list; 'x' is no date", ["line 1: 'is no date' => is not a"]),
        ("the share of late events is told", ["line 1: 'is told' => is notified, is known, is shown"]),
    ],
)
def test_a_phrase_is_found_in_any_case_and_over_lines(text: str, found: list[str]) -> None:
    lines = banned_in(text)

    assert len(lines) == len(found)
    assert all(line.startswith(start) for line, start in zip(lines, found, strict=True))


def test_each_phrase_has_plain_words() -> None:
    assert [phrase.pattern for phrase, plain in BANNED if not plain] == []
