"""Check a condition before it is parsed: only known characters, names and depths pass.

The parser is a general SQL parser and recursive; it never gets what is refused here.
"""

import re
from dataclasses import dataclass

from dog.core.documents.section import nearest
from dog.errors import InputFault, InvalidPolicy

MAX_CHARACTERS = 2000
MAX_DEPTH = 20
FUNCTIONS: tuple[str, ...] = (
    "abs",
    "round",
    "least",
    "greatest",
    "coalesce",
    "lower",
    "upper",
    "starts_with",
)
KEYWORDS: frozenset[str] = frozenset(
    "and or not in between like is null case when then else end true false date".split()  # noqa: SIM905 - reads as SQL
)

_TOKEN = re.compile(
    r"""\s+
    |(?P<refused>--|/\*|\|\||::|//)
    |(?P<text>'(?:[^']|'')*')
    |(?P<name>"(?:[^"]|"")+"|[^\W\d]\w*)
    |(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?!\w))
    |(?P<sign><>|!=|<=|>=|(?<!=)=(?!=)|[<>+\-*/(),.])""",
    re.VERBOSE,
)


def bad_condition(code: str, message: str, offset: int = 0) -> InvalidPolicy:
    """Return the error for a fault at an offset in the condition, without a pointer: the caller knows the rule."""
    return InvalidPolicy(message, [InputFault("", code, message, column=offset + 1)])


@dataclass(slots=True)
class _Nesting:
    """Depth of the brackets, CASEs and signs before a token."""

    open_count: int = 0
    sign_run: int = 0

    def step(self, token: str, start: int) -> None:
        if token in {"(", "case"}:
            self.open_count += 1
        elif token in {")", "end"}:
            self.open_count -= 1
        self.sign_run = self.sign_run + 1 if token in {"not", "-", "+"} else 0
        if self.open_count + self.sign_run > MAX_DEPTH:
            raise bad_condition("too_deep", f"nested more than {MAX_DEPTH} deep; split the rule", start)


def check_tokens(text: str) -> None:
    """Refuse a condition that is too long or too deep, or has characters or names outside the language.

    Raises
    ------
    InvalidPolicy
        With the place of the first fault.

    Examples
    --------
    >>> check_tokens("sleep(10) = 1")
    Traceback (most recent call last):
    ...
    dog.errors.InvalidPolicy: unknown function sleep; allowed are abs, round, least, greatest, \
coalesce, lower, upper, starts_with

    """
    if len(text) > MAX_CHARACTERS:
        raise bad_condition("too_long", f"over {MAX_CHARACTERS:,} characters; split the rule", MAX_CHARACTERS)
    if not text.strip():
        raise bad_condition("empty_condition", "empty; leave `when` out if the rule always holds")
    nesting, position, after_dot = _Nesting(), 0, False
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match["refused"]:
            raise _unreadable(text, position)
        word = match[0].lower()
        if not word.isspace():
            # after a dot any word is the name of a column: context.end, product.case
            if match["name"] and not after_dot:
                _check_name(match[0], text[match.end() :], position)
            nesting.step("" if after_dot or match["text"] else word, position)
            after_dot = word == "."
        position = match.end()


def _unreadable(text: str, position: int) -> InvalidPolicy:
    found = text[position]
    if found in "'\"":
        return bad_condition("open_quote", f"the quote {found} is never closed", position)
    if text[position : position + 2] in {"--", "/*"}:
        return bad_condition("bad_syntax", "comments belong into `reason`, not into the condition", position)
    if found == "=":
        return bad_condition("bad_syntax", "write one = to compare", position)
    return bad_condition("bad_syntax", f"{found!r} is not part of the condition language", position)


def _check_name(name: str, rest: str, position: int) -> None:
    word = name.lower()
    if word in KEYWORDS:
        return
    if rest.startswith("'"):
        raise bad_condition("bad_syntax", f"a quote may not follow {name} at once", position + len(name))
    if rest.lstrip().startswith("(") and word not in FUNCTIONS:
        hint = nearest(word, FUNCTIONS) or f"; allowed are {', '.join(FUNCTIONS)}"
        raise bad_condition("unknown_function", f"unknown function {name}{hint}", position)
