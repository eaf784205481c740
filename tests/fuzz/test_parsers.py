"""The parsers of strangers' bytes, held to their claims; `make fuzz-parsers` looks much longer, guided by coverage."""

import random

import pytest

from tests.fuzz.parsers import PARSERS, SEEDS, hold

TRIES = 400


def changed(text: bytes, chance: random.Random) -> bytes:
    """Cut, repeat, swap or replace somewhere."""
    first, second = sorted(chance.randrange(len(text) + 1) for _ in range(2))
    middle = chance.choice(
        [b"", text[first:second] * 2, bytes([chance.randrange(256)]), text[first:second][::-1], b"9" * 20, b"{}[]"]
    )
    return text[:first] + middle + text[second:]


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_has_only_errors_of_its_own(name: str) -> None:
    chance = random.Random(1)
    for seed in SEEDS[name]:
        hold(name, seed)
        for _ in range(TRIES // len(SEEDS[name])):
            text = seed
            for _ in range(chance.randrange(1, 4)):
                text = changed(text, chance)
            hold(name, text)


def test_a_parser_that_breaks_its_claim_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PARSERS, "id", lambda data: data.decode("ascii"))

    with pytest.raises(UnicodeDecodeError):
        test_a_parser_has_only_errors_of_its_own("id")
