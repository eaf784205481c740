"""The words for scopes: before a discard, after a verdict, and where a contact rests."""

from typing import Any

from dog.console.inbox.verdict_words import effect_words, place_of, preview_words, rest_words, substitute_words
from dog.services.feedback.preview_scopes import ScopePreview

MARKET = {"trigger": "market"}


def day(until: str) -> str:
    return until[:10]


def scope(name: str, key: str, votes: int, needed: int, **more: Any) -> dict[str, Any]:
    return {"scope": name, "key": key, "votes": votes, "needed": needed, "factor": 1.0, "until": None, **more}


def segment(votes: int, *, adds: bool = True) -> ScopePreview:
    return ScopePreview(scope="segment", subject="Cereal", within="gold", votes=votes, needed=2, adds=adds)


def everybody(votes: int, *, adds: bool = True) -> ScopePreview:
    return ScopePreview(scope="tenant", subject="Cereal", votes=votes, needed=3, adds=adds)


def previewed(reason: dict[str, str], *scopes: ScopePreview) -> str:
    return preview_words("Flakes for Ann", "Ann", reason, scopes, "ada")


def effect(*scopes: dict[str, Any]) -> str:
    return effect_words(scopes, product="Flakes", contact="Ann", reader="ada", day=day)


def test_a_market_reason_names_the_votes_that_are_still_needed() -> None:
    assert previewed(MARKET, segment(1), everybody(1)) == (
        "rests Flakes for Ann; 1 more vote lowers the category Cereal in segment gold"
    )
    assert previewed(MARKET, segment(2), everybody(2)) == (
        "rests Flakes for Ann; lowers the category Cereal in segment gold; 1 more vote lowers it for everybody"
    )
    assert previewed(MARKET, segment(3), everybody(3)) == (
        "rests Flakes for Ann; lowers the category Cereal for everybody"
    )


def test_a_reason_tells_who_has_voted_already_that_others_are_needed() -> None:
    assert previewed(MARKET, segment(1, adds=False), everybody(1, adds=False)) == (
        "rests Flakes for Ann; 1 more vote of others lowers the category Cereal in segment gold"
    )
    assert "; keeps the category Cereal lowered in segment gold; 1 more" in previewed(
        MARKET, segment(2, adds=False), everybody(2, adds=False)
    )


def test_a_business_reason_names_whose_lists() -> None:
    own = ScopePreview(scope="actor", subject="Cereal", within="ada", votes=1, needed=3)
    wide = ScopePreview(scope="admin", subject="Cereal", votes=1, needed=1)

    assert previewed({"trigger": "business"}, own) == (
        "rests Flakes for Ann; 2 more of your verdicts lower the category Cereal in your lists"
    )
    assert previewed({"trigger": "business"}, wide) == (
        "rests Flakes for Ann; lowers the category Cereal for everybody"
    )


def test_reasons_about_the_contact_name_what_rests_and_what_is_chosen_last() -> None:
    account = ScopePreview(scope="account", subject="a1", votes=1, needed=1)
    model = ScopePreview(scope="rationale", subject="cf", votes=1, needed=2)
    about = {"trigger": "discomfort"}

    assert previewed(about | {"attribute": "contact"}) == "rests Ann for 14 days"
    assert previewed(about | {"attribute": "account"}, account) == "rests all contacts of account a1 for 14 days"
    assert previewed(about | {"attribute": "channel", "attribute_value": "email"}) == (
        "rests Flakes for Ann; email is chosen last for this contact"
    )
    assert previewed(about | {"attribute": "rationale"}, model) == (
        "rests Flakes for Ann; 1 more lowers this model for this contact"
    )


def test_a_reason_without_category_or_account_names_only_the_rest() -> None:
    assert previewed(MARKET) == "rests Flakes for Ann for 14 days"
    assert previewed({"trigger": "discomfort", "attribute": "account"}) == "rests Flakes for Ann for 14 days"
    assert previewed({}) == "rests Flakes for Ann for 14 days, then lowers it"


def test_an_effect_names_the_rest_and_the_votes_so_far() -> None:
    rests = scope("pair", "p1", 1, 1, factor=0.0, until="2026-12-13")

    assert effect(rests, scope("segment", "A/B/gold", 1, 2), scope("tenant", "A/B", 1, 3)) == (
        "Flakes rests until 2026-12-13. 1 of 2 votes to lower A/B in segment gold"
    )
    assert effect(rests, scope("actor", "Cereal/ada", 2, 3)) == (
        "Flakes rests until 2026-12-13. 2 of 3 verdicts to lower Cereal in your lists"
    )


def test_an_effect_that_acts_names_factor_place_and_end() -> None:
    acts = scope("segment", "Cereal/gold", 2, 2, factor=0.816, until="2027-03-21")

    assert effect(acts, scope("tenant", "Cereal", 2, 3)) == (
        "Cereal is lowered ×0.82 in segment gold until 2027-03-21. 2 of 3 votes to lower Cereal for everybody"
    )
    assert effect(scope("admin", "Cereal", 1, 1, factor=0.816, until="2027-11-24")) == (
        "Cereal is lowered ×0.82 for everybody until 2027-11-24"
    )


def test_the_rest_of_a_contact_or_account_stands_for_that_of_the_pair() -> None:
    rests = {"factor": 0.0, "until": "2026-12-13"}

    assert effect(scope("pair", "p1", 1, 1, **rests), scope("contact", "c1", 1, 1, **rests)) == (
        "Ann rests until 2026-12-13"
    )
    assert effect(scope("pair", "p1", 1, 1, **rests), scope("account", "a1", 1, 1, **rests)) == (
        "All contacts of account a1 rest until 2026-12-13"
    )


def test_an_effect_names_refused_choices_and_models() -> None:
    assert effect(scope("channel", "email", 1, 1, factor=0.8), scope("channel", "call", 1, 1, factor=1.2)) == (
        "email is chosen last. call is chosen first"
    )
    assert effect(scope("rationale", "cf", 1, 2)) == "1 of 2 verdicts to lower the model cf for this contact"
    assert effect(scope("rationale", "cf", 2, 2, factor=0.8)) == "The model cf is lowered ×0.80 for this contact"


def test_a_list_tells_that_its_contact_rests() -> None:
    notes = ["the list is empty", "the account rests until 2026-12-13T06:00:00Z: it was discarded"]

    assert rest_words(notes, day) == "The account rests until 2026-12-13: it was discarded."
    assert rest_words(notes[:1], day) is None


def test_a_substitute_for_another_contact_names_it() -> None:
    item = {"attributes": {"product": "Flakes", "channel": "email", "time": "morning"}}

    assert substitute_words(item, "Bob") == "Instead: Flakes for Bob, by email in the morning."
    assert substitute_words(item) == "Instead: Flakes, by email in the morning."
    assert substitute_words({"attributes": {"product": "Flakes", "channel": None}}) == "Instead: Flakes."


def test_a_place_is_named_for_its_reader() -> None:
    assert place_of("actor", "ada", "ada") == "in your lists"
    assert place_of("actor", "ada", "bob") == "in the lists of ada"
    assert place_of("segment", "") == "for contacts without a segment"
