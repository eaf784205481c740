import re
from datetime import date
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.rationale import (
    Influence,
    LastVerdicts,
    Offers,
    PairFacts,
    ProvenValue,
    PurchaseCount,
    SimilarContacts,
    StartReason,
    rationale,
)

TODAY = date(2026, 11, 20)
NOTHING = PairFacts("cereal", TODAY)
NOVEMBER = date(2026, 11, 11)


def test_the_example_of_the_issue_is_told_as_it_stands_there() -> None:
    facts = NOTHING._replace(
        purchases=PurchaseCount(12, NOVEMBER),
        offers=Offers(pitches=1, wins=0, last=NOVEMBER),
        chance=0.25,
        usual=0.079,
    )

    assert rationale(facts) == (
        "Bought cereal 12 times, last on 11 Nov. Offered once, not yet bought. 25 % of such offers win, 8 % usually."
    )


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (NOTHING, "New for this contact."),
        (NOTHING._replace(usual=0.08), "New for this contact. 8 % of offers win usually."),
        (NOTHING._replace(purchases=PurchaseCount(0, None)), "Not bought or offered yet."),
        (NOTHING._replace(purchases=PurchaseCount(1, NOVEMBER)), "Bought cereal once, on 11 Nov. Not offered yet."),
        (
            NOTHING._replace(product="a" * 41, purchases=PurchaseCount(2, date(2025, 11, 11))),
            "Bought twice, last on 11 Nov 2025. Not offered yet.",
        ),
        (
            NOTHING._replace(purchases=PurchaseCount(0, None), chance=0.0012, usual=0.08),
            "Not bought or offered yet. 0.1 % of such offers win, 8 % usually.",
        ),
        (
            NOTHING._replace(chance=0.081, usual=0.084),
            "New for this contact. 8 % of such offers win, as usual.",
        ),
        (
            NOTHING._replace(chance=0.999, usual=0.0004),
            "New for this contact. Over 99 % of such offers win, under 0.1 % usually.",
        ),
        (NOTHING._replace(usual=0.0004), "New for this contact. Under 0.1 % of offers win usually."),
        (
            NOTHING._replace(history_known=False),
            "What this contact bought or was offered cannot be read now.",
        ),
    ],
)
def test_what_is_known_is_told_and_nothing_else(facts: PairFacts, told: str) -> None:
    assert rationale(facts) == told


@pytest.mark.parametrize(
    ("offers", "told"),
    [
        (Offers(pitches=1, wins=1), "Offered once and won."),
        (Offers(pitches=1, wins=0, losses=1), "Offered once, not bought."),
        (Offers(pitches=2, wins=2, last=NOVEMBER), "Offered twice, last on 11 Nov, both won."),
        (Offers(pitches=4, wins=3, last=NOVEMBER), "Offered 4 times, last on 11 Nov, 3 won."),
        (
            Offers(pitches=4, wins=3, last=NOVEMBER, expected=0.97),
            "Offered 4 times, last on 11 Nov, 3 won, where about 1 was expected.",
        ),
        (
            Offers(pitches=20, wins=0, losses=20, expected=3.2),
            "Offered 20 times, none won, where about 3 were expected.",
        ),
        (Offers(pitches=20, wins=3, losses=17, expected=3.2), "Offered 20 times, 3 won."),
        (Offers(pitches=5, wins=1, losses=4, expected=0.2), "Offered 5 times, 1 won, where less than 1 was expected."),
    ],
)
def test_offers_are_told_with_the_wins_to_be_expected_where_those_differ(offers: Offers, told: str) -> None:
    assert rationale(NOTHING._replace(offers=offers)) == told


@pytest.mark.parametrize(
    ("run", "by_reader", "told"),
    [
        (-1, True, "You discarded it on 11 Nov."),
        (-1, False, "Discarded on 11 Nov."),
        (1, True, "You accepted it on 11 Nov."),
        (2, False, "Accepted twice, last on 11 Nov."),
        (-3, True, "Discarded 3 times, last by you on 11 Nov."),
    ],
)
def test_verdicts_are_the_readers_own_or_nobodys(run: int, by_reader: bool, told: str) -> None:
    facts = NOTHING._replace(verdicts=LastVerdicts(run=run, last=NOVEMBER, by_reader=by_reader))

    assert rationale(facts) == f"New for this contact. {told}"


@pytest.mark.parametrize(
    ("influence", "told"),
    [
        (Influence("rule", "Gold focus", 1.2), " Moved up: Gold focus."),
        (Influence("rule", " Low\nmargin. ", 0.8), " Moved down: Low margin."),
        (Influence("rule", "Nothing", 1.0), ""),
        (Influence("pin", "First of the season", 1.0), " Pinned: First of the season."),
        (Influence("feedback", "Market feedback", 0.71), " Market feedback speaks against it."),
        (Influence("feedback", "Market feedback", 1.2), " Market feedback speaks for it."),
    ],
)
def test_rules_are_told_by_their_reason_and_feedback_by_its_direction(influence: Influence, told: str) -> None:
    assert rationale(NOTHING._replace(influences=[influence])) == f"New for this contact.{told}"


@pytest.mark.parametrize(
    ("proven", "told"),
    [
        (
            ProvenValue("channel", "call", 6, 20, 3.0, "gold"),
            "By call: 6 of 20 won in segment gold, where about 3 were",
        ),
        (
            ProvenValue("time", "18-20", 3, 4, 0.4, None),
            "At 18-20: 3 of 4 won with this contact, where less than 1 was",
        ),
        (ProvenValue("channel", "call", 1200, 9000, 600.2, ""), "By call: 1,200 of 9,000 won, where about 600 were"),
        (
            ProvenValue("channel", "e" * 50, 6, 20, 3.0, "g\nold"),
            "By this channel: 6 of 20 won in segment g old, where about 3 were",
        ),
    ],
)
def test_a_channel_that_its_record_chose_says_what_it_won(proven: ProvenValue, told: str) -> None:
    assert rationale(NOTHING, [proven]) == f"New for this contact. {told} expected."


factors = st.floats(0, 1e6) | st.sampled_from([float("nan"), float("inf"), 0.0])
days = st.none() | st.dates(date(1970, 1, 1), date(2106, 1, 1))
kinds: list[Literal["rule", "pin", "feedback"]] = ["rule", "pin", "feedback"]
facts_of_any_kind = st.builds(
    PairFacts,
    st.sampled_from(["cereal", "", "e" * 50]),
    st.just(TODAY),
    purchases=st.none() | st.builds(PurchaseCount, st.integers(0, 10**9), days),
    offers=st.none()
    | st.builds(
        Offers,
        pitches=st.integers(0, 10**6),
        wins=st.integers(0, 10**6),
        losses=st.integers(0, 10**6),
        last=days,
        expected=st.none() | factors,
    ),
    chance=st.none() | factors,
    usual=st.none() | factors,
    verdicts=st.none()
    | st.builds(LastVerdicts, run=st.sampled_from([-3, -1, 1, 2]), last=st.just(NOVEMBER), by_reader=st.booleans()),
    influences=st.lists(st.builds(Influence, st.sampled_from(kinds), st.just("Because."), factors), max_size=4),
    history_known=st.booleans(),
    start=st.none()
    | st.builds(
        StartReason,
        st.integers(0, 300),
        st.sampled_from(["gold", "g\nold", "e" * 50, ""]),
        st.lists(st.sampled_from(["milk", "e" * 50]), max_size=2),
    ),
)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (StartReason(0, "", []), "like new contacts"),
        (StartReason(0, "gold", []), "like new contacts of segment gold"),
        (StartReason(0, "g\nold", []), "like new contacts of segment g old"),
        (StartReason(0, "g" * 50, []), "like new contacts"),
        (StartReason(1, "gold", ["milk"]), "after 1 purchase, nearest milk"),
        (StartReason(3, "", ["milk", "e" * 50, "bread"]), "after 3 purchases, nearest milk and bread"),
    ],
)
def test_what_the_scores_of_a_new_contact_rest_on_is_said(reason: StartReason, told: str) -> None:
    assert rationale(NOTHING._replace(start=reason)) == f"New for this contact. Scored {told}."


@given(facts_of_any_kind)
def test_a_rationale_is_sentences_without_factors_and_without_praise_of_what_lowers(facts: PairFacts) -> None:
    told = rationale(facts)
    up = sum(one.kind == "rule" and one.factor > 1 for one in facts.influences)
    good = sum(one.kind == "feedback" and one.factor > 1 for one in facts.influences)

    assert told.endswith(".")
    assert told == " ".join(told.split())
    assert not re.search(r"\bnan\b|\binf\b|×|\bx\d|\blifts\b", told)
    assert told.count("Moved up") <= up
    assert told.count("speaks for") <= good


SIMILAR = SimilarContacts(contacts=5, category="snacks", wins=3, pitches=12, expected=1.2, factor=1.3)


@pytest.mark.parametrize(
    ("similar", "told"),
    [
        (SIMILAR, "Five contacts like this one won 3 of 12 offers in snacks, where about 1 was expected."),
        (
            SIMILAR._replace(contacts=1, wins=0, expected=2.4, factor=0.8),
            "One contact like this one won none of 12 offers in snacks, where about 2 were expected.",
        ),
        (
            SIMILAR._replace(contacts=25, category="x" * 41),
            "25 contacts like this one won 3 of 12 offers in this category, where about 1 was expected.",
        ),
        (SIMILAR._replace(factor=1.001), ""),  # it hardly moves the score
        (SIMILAR._replace(expected=2.9), ""),  # in whole numbers there is no difference
        (SIMILAR._replace(pitches=2), ""),
        (SIMILAR._replace(factor=0.9), ""),  # the numbers would praise what lowers the score
    ],
)
def test_contacts_like_this_one_are_told_where_they_move_the_score(similar: SimilarContacts, told: str) -> None:
    facts = PairFacts("tea", TODAY)

    assert rationale(facts, similar=similar).removeprefix("New for this contact.").strip() == told
