"""The rationale of a recommendation: a few short sentences that a person would say, from facts about the contact.

PurchaseCount, offers and their outcome, the chance against the usual one, verdicts, what else speaks for or against it:
"Bought cereal 12 times, last on 11 Nov. Offered once, not yet bought. 25 % of such offers win, 8 % usually."
"""

import math
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple

from dog.core.spoken import counted, day_and_month, in_words, percent, times

UNMOVED = 0.005
"""A factor that lies this close to 1 is not worth a sentence."""
LONGEST_NAME = 40
LEAST_OFFERS_TO_EXPECT = 3


class PurchaseCount(NamedTuple):
    """How often and when last the contact bought the product; the product's baskets are counted."""

    baskets: int
    last: date | None


class Offers(NamedTuple):
    """How often the contact was offered the product, open pitches included, and the result."""

    pitches: int
    wins: int
    losses: int = 0  # said so, or matured
    last: date | None = None
    expected: float | None = None  # wins that the models expected of these pitches; None where not known


class LastVerdicts(NamedTuple):
    """The run of equal verdicts on the pair that still acts."""

    run: int  # accepts positive, discards negative
    last: date
    by_reader: bool  # whether the last is the reader's own


class Influence(NamedTuple):
    """Anything that multiplies the score besides the pair's own record: what it is, and its factor."""

    kind: Literal["rule", "pin", "feedback"]
    says: str
    factor: float


class ProvenValue(NamedTuple):
    """A channel or time that was chosen because it wins more often than the others."""

    attribute: str  # channel or time
    value: str
    wins: int
    pitches: int
    expected: float  # wins, had all values won alike
    segment: str | None  # whose pitches were counted, '' where the contact has none; None: the contact's own


class StartReason(NamedTuple):
    """What the scores of a contact with little history rest on, and the purchases that are most like the product."""

    purchases: int  # products that the contact bought
    segment: str  # that the scores of a contact without purchases rest on; '' for none
    nearest: Sequence[str]  # names of products, as they read inside a sentence

    @property
    def basis(self) -> str:
        """Return it as words: `after 3 purchases`, `like new contacts of segment gold`."""
        if self.purchases:
            return f"after {counted(self.purchases, 'purchase')}"
        segment = _inside(self.segment)
        return "like new contacts" + (f" of segment {segment}" if segment else "")


class SimilarContacts(NamedTuple):
    """What contacts like this one did with offers of the product's category, in whole numbers."""

    contacts: int
    category: str
    wins: int
    pitches: int
    expected: float
    factor: float  # on the odds


class PairFacts(NamedTuple):
    """What is known of one product for one contact; None where it is not known."""

    product: str  # as it reads inside a sentence
    today: date
    purchases: PurchaseCount | None = None
    offers: Offers | None = None  # None: never offered
    chance: float | None = None  # that an offer wins, before verdicts and rules
    usual: float | None = None  # share of all offers that win
    verdicts: LastVerdicts | None = None
    influences: Sequence[Influence] = ()
    history_known: bool = True  # False while Redis is away and the process has no copy of the contact
    start: StartReason | None = None  # None: other models scored it


def rationale(facts: PairFacts, proven: Iterable[ProvenValue] = (), similar: SimilarContacts | None = None) -> str:
    """Return the facts as sentences; they hold no factor, and none praises what lowers the score.

    `proven` are the channel and the time, where their record chose them; `similar` is what contacts like this one did.
    """
    sentences = _history(facts)
    if facts.start is not None:
        sentences.append(_started(facts.start))
    if facts.usual is not None and math.isfinite(facts.usual):
        sentences.append(_chance(facts.chance, _usual(facts.usual)))
    if similar is not None:
        sentences += _similar(similar)
    if facts.verdicts is not None:
        sentences.append(_verdicts(facts.verdicts, facts.today))
    if facts.influences:
        sentences += [told for told in map(_influence, facts.influences) if told]
    sentences += [_proven(found) for found in proven]
    return " ".join(sentences)


def _history(facts: PairFacts) -> list[str]:
    """Describe what was bought and what was offered."""
    if not facts.history_known:
        return ["What this contact bought or was offered cannot be read now."]
    bought, offers = facts.purchases, facts.offers
    has_bought, was_offered = bought is not None and bought.baskets > 0, offers is not None and offers.pitches > 0
    if not has_bought and not was_offered:
        return ["New for this contact." if bought is None else "Not bought or offered yet."]
    told = [_bought(bought, facts.product, facts.today)] if bought is not None and has_bought else []
    told.append(_offered(offers, facts.today) if offers is not None and was_offered else "Not offered yet.")
    return told


def _bought(bought: PurchaseCount, product: str, today: date) -> str:
    name = f" {product}" if product and len(product) <= LONGEST_NAME else ""
    if bought.last is None:
        return f"Bought{name} {times(bought.baskets)}."
    last = day_and_month(bought.last, today)
    return (
        f"Bought{name} once, on {last}."
        if bought.baskets == 1
        else f"Bought{name} {times(bought.baskets)}, last on {last}."
    )


def _offered(offers: Offers, today: date) -> str:
    """Describe the pitches and wins, and the wins to be expected where they differ and there are some pitches."""
    pitches, wins = offers.pitches, offers.wins
    offered = f"Offered {times(pitches)}"
    if pitches == 1:
        return f"{offered} and won." if wins else f"{offered}, {_unsold(offers)}."
    if offers.last is not None:
        offered += f", last on {day_and_month(offers.last, today)}"
    all_won = "both won" if wins == 2 else "all won"
    won = _unsold(offers) if not wins else all_won if wins >= pitches else f"{wins:,} won"
    expected = offers.expected
    if expected is None or pitches < LEAST_OFFERS_TO_EXPECT or not math.isfinite(expected) or round(expected) == wins:
        return f"{offered}, {won}."
    return f"{offered}, {won if wins else 'none won'}, where {_about(expected)} expected."


def _about(expected: float) -> str:
    return "less than 1 was" if expected < 0.5 else "about 1 was" if expected < 1.5 else f"about {expected:.0f} were"


def _proven(found: ProvenValue) -> str:
    """Describe how often a channel or time has won; a name that is not part of a sentence is left out."""
    by, value = ("By", "channel") if found.attribute == "channel" else ("At", "time")
    told = f"{by} {_inside(found.value) or f'this {value}'}: {found.wins:,} of {found.pitches:,} won"
    whose = " with this contact" if found.segment is None else ""
    if found.segment and (segment := _inside(found.segment)):
        whose = f" in segment {segment}"
    where = f", where {_about(found.expected)} expected" if math.isfinite(found.expected) else ""
    return f"{told}{whose}{where}."


def _similar(found: SimilarContacts) -> list[str]:
    """Describe what contacts like this one did, where it moves the score and whole numbers show why."""
    moved = abs(found.factor - 1) > UNMOVED and found.pitches >= LEAST_OFFERS_TO_EXPECT
    if not moved or (found.factor > 1) != (found.wins > found.expected) or round(found.expected) == found.wins:
        return []
    who = in_words(found.contacts).capitalize() + f" contact{'' if found.contacts == 1 else 's'} like this one"
    where = f"in {_inside(found.category) or 'this category'}, where {_about(found.expected)} expected"
    return [f"{who} won {f'{found.wins:,}' if found.wins else 'none'} of {found.pitches:,} offers {where}."]


def _inside(name: str) -> str:
    """Return a name as it reads inside a sentence; nothing where it is too long."""
    told = " ".join(name.split())
    return told if len(told) <= LONGEST_NAME else ""


def _unsold(offers: Offers) -> str:
    return "not bought" if offers.losses >= offers.pitches else "not yet bought"


_usual = lru_cache(maxsize=64)(percent)
"""The usual chance in words: the same for all items of a policy."""


def _started(reason: StartReason) -> str:
    """Describe what a score without any other model rests on."""
    nearest = [name for name in map(_inside, reason.nearest) if name]
    return f"Scored {reason.basis}{', nearest ' + ' and '.join(nearest) if nearest else ''}."


def _chance(chance: float | None, usual: str) -> str:
    if chance is None or not math.isfinite(chance):
        return f"{_first(usual)} of offers win usually."
    told = percent(chance)
    if told == usual:
        return f"{_first(told)} of such offers win, as usual."
    return f"{_first(told)} of such offers win, {usual} usually."


def _first(words: str) -> str:
    """Return words as the first of a sentence."""
    return words[0].upper() + words[1:]


def _verdicts(found: LastVerdicts, today: date) -> str:
    verb, count, last = "accepted" if found.run > 0 else "discarded", abs(found.run), day_and_month(found.last, today)
    if count == 1:
        return f"You {verb} it on {last}." if found.by_reader else f"{verb.capitalize()} on {last}."
    return f"{verb.capitalize()} {times(count)}, last {'by you ' if found.by_reader else ''}on {last}."


def _influence(found: Influence) -> str:
    """Describe what else moves the option; nothing where it hardly does."""
    says = " ".join(found.says.split()).rstrip(".;:, ")
    if found.kind == "pin":
        return f"Pinned: {says}."
    if not abs(found.factor - 1) > UNMOVED:
        return ""
    if found.kind == "feedback":
        return f"{says} speaks {'for' if found.factor > 1 else 'against'} it."
    return f"Moved {'up' if found.factor > 1 else 'down'}: {says}."
