"""How the last month went, in three sentences, and why a multiplier moved."""

from collections.abc import Mapping

from dog.console.texts import _, ngettext, number, percent
from dog.services.desk.largest_moves import PairMove
from dog.services.desk.month_review import GroupRate, MonthReview

Names = Mapping[str, str]
"""Names of products by id."""


def describe_month(review: MonthReview, products: Names) -> list[str]:
    """Return three sentences about the last four weeks; one where nothing was pitched."""
    if not review.month.pitches:
        return [_("No pitch was made in the last four weeks.")]
    return [_count(review), _compare(review), _places(review, products)]


def _count(review: MonthReview) -> str:
    month = review.month
    return ngettext(
        "%(n)s pitch in the last four weeks (%(before)s in the four weeks before): %(won)s won so far, "
        "and about %(rate)s will have won once all are settled.",
        "%(n)s pitches in the last four weeks (%(before)s in the four weeks before): %(won)s won so far, "
        "and about %(rate)s will have won once all are settled.",
        month.pitches,
        before=number(review.before.pitches),
        won=number(month.won),
        rate=_rate(month.final_rate),
    )


def _compare(review: MonthReview) -> str:
    before, expected = _rate(review.before.final_rate), _rate(review.month.expected_rate)
    than_before = {
        "more": _("more than in the four weeks before (%(rate)s)", rate=before),
        "less": _("less than in the four weeks before (%(rate)s)", rate=before),
        "same": _("about as many as in the four weeks before (%(rate)s)", rate=before),
    }
    than_expected = {
        "more": _("more than the models expected (%(rate)s)", rate=expected),
        "less": _("less than the models expected (%(rate)s)", rate=expected),
        "same": _("about as many as the models expected (%(rate)s)", rate=expected),
    }
    said = [than_before[review.against_before]] if review.against_before else []
    said += [than_expected[review.against_expected]] if review.against_expected else []
    if not said:
        return _("There is nothing to compare that with yet.")
    if len(said) == 1:
        return _("That is %(first)s.", first=said[0])
    return _("That is %(first)s, and %(second)s.", first=said[0], second=said[1])


def _places(review: MonthReview, products: Names) -> str:
    moved, look_at = review.moved, review.look_at
    values = {
        "moved": _name(moved, products) if moved else "",
        "now": _rate(moved.rate) if moved else "",
        "before": _rate(moved.other) if moved else "",
        "place": _name(look_at, products) if look_at else "",
        "rate": _rate(look_at.rate) if look_at else "",
        "expected": _rate(look_at.other) if look_at else "",
    }
    if moved and look_at:
        return _(
            "Moved most: %(moved)s, %(now)s after %(before)s; look at %(place)s, %(rate)s where the models expected "
            "%(expected)s.",
            **values,
        )
    if moved:
        return _("Moved most: %(moved)s, %(now)s after %(before)s; nothing is far below expectations.", **values)
    if look_at:
        return _("Look at %(place)s: %(rate)s where the models expected %(expected)s.", **values)
    return _("No product, channel or segment moved by more than chance, or is far below expectations.")


def _name(place: GroupRate, products: Names) -> str:
    if place.group == "channel":
        return _("channel %(name)s", name=place.value)
    if place.group == "segment":
        return _("segment %(name)s", name=place.value)
    return products.get(place.value, place.value)


def _rate(rate: float | None) -> str:
    return "–" if rate is None else percent(rate, "#,##0.0 %")


def describe_move(move: PairMove) -> str:
    """Return why a multiplier moved."""
    if move.reason == "faded":
        return _("fade: old evidence counts for less")
    if move.reason == "others":
        return _("what other pairs of its product taught")
    values = {"won": number(move.wins), "settled": number(move.wins + move.losses)}
    if move.expected:
        expected = number(move.expected, "#,##0.0")
        return _("%(won)s of %(settled)s won, %(expected)s expected", expected=expected, **values)
    return _("%(won)s of %(settled)s won", **values)
