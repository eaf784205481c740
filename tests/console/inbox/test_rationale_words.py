"""The sentences of a card say the same in every language."""

import re
from collections import Counter
from datetime import date

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from dog.console.inbox.rationale_words import rationale_words
from dog.core.rationale import Influence, LastVerdicts, PairFacts, ProvenValue, SimilarContacts, rationale
from dog.core.spoken import MONTHS, WORDS
from dog.services.lists.pair_facts import FEEDBACK
from tests.core.test_rationale import facts_of_any_kind

GERMAN_MONTHS = ("Jan", "Feb", "März", "Apr", "Mai", "Juni", "Juli", "Aug", "Sept", "Okt", "Nov", "Dez")
COUNTS = {word: str(count) for count, word in enumerate(WORDS, 1)} | {"once": "1", "twice": "2"}
GERMAN_COUNTS = {"einmal": "1", "zweimal": "2", "einem": "1"}
ENGLISH = (
    r"\b(?:about|accepted|against|bought|by|contacts?|expected|like|moved|new|none|of|offered|on|usually|where|won)\b"
)
NAMES = ("Dr. Oetker pizza", "TV 55", "St. Moritz 0.5 l", "gold")

names = st.sampled_from(NAMES)
counts = st.integers(0, 10**6)
wins = st.floats(0, 1e6)
proven = st.builds(ProvenValue, st.sampled_from(["channel", "time"]), names, counts, counts, wins, st.none() | names)
similar = st.builds(SimilarContacts, st.integers(1, 10**4), names, counts, counts, wins, st.floats(0, 3))
influences = st.builds(Influence, st.sampled_from(["rule", "pin"]), names, wins) | st.builds(
    Influence, st.just("feedback"), st.sampled_from(FEEDBACK), wins
)
verdicts = st.builds(LastVerdicts, st.sampled_from([-3, -1, 1, 2]), st.dates(date(2020, 1, 1)), st.booleans())
facts = st.builds(
    lambda found, name, moved, verdict: found._replace(product=name, influences=moved, verdicts=verdict),
    facts_of_any_kind,
    names,
    st.lists(influences, max_size=3),
    st.none() | verdicts,
)


def in_german(told: str) -> str:
    with Flask("console").test_request_context(headers={"Accept-Language": "de"}):
        return rationale_words(told)


@given(facts, st.lists(proven, max_size=2), st.none() | similar)
def test_german_and_english_name_the_same_numbers_days_and_names(
    found: PairFacts, proven: list[ProvenValue], similar: SimilarContacts | None
) -> None:
    english = rationale(found, proven, similar)
    german = in_german(english)

    assert numbers(german, GERMAN_MONTHS, GERMAN_COUNTS, thousands=".") == numbers(
        english, MONTHS, COUNTS, thousands=","
    )
    assert [german.casefold().count(name.casefold()) for name in NAMES] == [
        english.casefold().count(name.casefold()) for name in NAMES
    ]
    assert not re.search(ENGLISH, german), german


def numbers(text: str, months: tuple[str, ...], words: dict[str, str], *, thousands: str) -> Counter[str]:
    """Return the numbers of a text, months and numbers in words among them."""
    text = text.replace("like this one", "")
    for name in NAMES:
        text = re.sub(re.escape(name), "", text, flags=re.IGNORECASE)
    found = re.findall(r"\d[\d.,]*\d|\w+", text)
    month_numbers = {month: f"month {place}" for place, month in enumerate(months, 1)}
    told = (month_numbers.get(one) or words.get(one.lower()) or one for one in found)
    decimal = "," if thousands == "." else "."
    return Counter(
        one.replace(thousands, "").replace(decimal, ".") for one in told if one[0].isdigit() or one.startswith("month ")
    )
