"""The rationale of a card in the reader's language: the sentences of `dog/core/rationale.py`, and their parts."""

from dog.console.text_forms import TextForms
from dog.console.texts import N_

_TIMES = TextForms(N_("once"), N_("twice"), N_("%(n)s times"))
_CHANCE = TextForms(
    "%(share)s", N_("under %(share)s"), N_("over %(share)s"), N_("Under %(share)s"), N_("Over %(share)s")
)
_EXPECTED = TextForms(N_("less than 1 was"), N_("about 1 was"), N_("about %(n)s were"))
_RESULT = TextForms(
    N_("not bought"),
    N_("not yet bought"),
    N_("both won"),
    N_("all won"),
    N_("none won"),
    N_("%(n)s won"),
    N_("%(n)s of %(of)s won"),
    N_("%(n)s of %(of)s won with this contact"),
    N_("%(n)s of %(of)s won in segment %(name)s"),
)
_COMPARED = TextForms(N_("%(result)s, where %(expected)s expected"), "%(result)s", result=_RESULT, expected=_EXPECTED)
_BASIS = TextForms(
    N_("after 1 purchase"),
    N_("after %(n)s purchases"),
    N_("like new contacts"),
    N_("like new contacts of segment %(name)s"),
)
_SENTENCES = TextForms(
    N_("What this contact bought or was offered cannot be read now."),
    N_("New for this contact."),
    N_("Not bought or offered yet."),
    N_("Bought %(times)s."),
    N_("Bought once, on %(day)s."),
    N_("Bought %(times)s, last on %(day)s."),
    N_("Bought %(name)s %(times)s."),
    N_("Bought %(name)s once, on %(day)s."),
    N_("Bought %(name)s %(times)s, last on %(day)s."),
    N_("Not offered yet."),
    N_("Offered once and won."),
    N_("Offered %(times)s, last on %(day)s, %(result)s."),
    N_("Offered %(times)s, %(result)s."),
    N_("Scored %(basis)s."),
    N_("Scored %(basis)s, nearest %(name)s and %(second)s."),
    N_("Scored %(basis)s, nearest %(name)s."),
    N_("%(usual)s of offers win usually."),
    N_("%(chance)s of such offers win, as usual."),
    N_("%(chance)s of such offers win, %(usual)s usually."),
    N_("One contact like this one won none of %(of)s offers in %(category)s, where %(expected)s expected."),
    N_("One contact like this one won %(n)s of %(of)s offers in %(category)s, where %(expected)s expected."),
    N_("%(count)s contacts like this one won none of %(of)s offers in %(category)s, where %(expected)s expected."),
    N_("%(count)s contacts like this one won %(n)s of %(of)s offers in %(category)s, where %(expected)s expected."),
    N_("You accepted it on %(day)s."),
    N_("You discarded it on %(day)s."),
    N_("Accepted on %(day)s."),
    N_("Discarded on %(day)s."),
    N_("Accepted %(times)s, last on %(day)s."),
    N_("Discarded %(times)s, last on %(day)s."),
    N_("Accepted %(times)s, last by you on %(day)s."),
    N_("Discarded %(times)s, last by you on %(day)s."),
    N_("Market feedback speaks for it."),
    N_("Market feedback speaks against it."),
    N_("Feedback on business needs speaks for it."),
    N_("Feedback on business needs speaks against it."),
    N_("Pinned: %(reason)s."),
    N_("Moved up: %(reason)s."),
    N_("Moved down: %(reason)s."),
    N_("By this channel: %(result)s."),
    N_("By %(name)s: %(result)s."),
    N_("At this time: %(result)s."),
    N_("At %(name)s: %(result)s."),
    basis=_BASIS,
    category=TextForms(N_("this category"), "%(name)s"),
    chance=_CHANCE,
    expected=_EXPECTED,
    reason=TextForms(N_("rule %(id)s"), "%(words)s"),
    result=_COMPARED,
    times=_TIMES,
    usual=_CHANCE,
)


def rationale_words(rationale: str) -> str:
    """Return the sentences of an item in the reader's language; names and reasons of rules stay as they are."""
    return _SENTENCES.write_sentences(rationale)
