"""What a preview found, in plain words."""

from collections.abc import Mapping
from typing import Any

from dog.console.texts import N_, _, ngettext, number, percent
from dog.storage.catalogue import Catalogue

SAME_ORDER, SIMILAR_ORDER = 0.999, 0.9
NOTES = {
    "never fires": N_("Rule %(rule)s acts on nothing in these lists."),
    "changes no list": N_("Rule %(rule)s changes none of these lists."),
    "always fires": N_("Rule %(rule)s acts on everything, in spite of its condition."),
}


def describe_lists(found: Mapping[str, Any], contacts: int, catalogue: Catalogue) -> dict[str, Any]:
    """Return how the lists of a preview change: a sentence, which get shorter, and products that gain and lose."""
    changed, places = found["lists_changed"], found["top_k_exchanged"]
    if not changed:
        return {
            "says": _("None of %(contacts)s lists changes.", contacts=number(contacts)),
            "fewer": "",
            "gain": [],
            "lose": [],
        }
    says = [
        _("%(changed)s of %(contacts)s lists change", changed=number(changed), contacts=number(contacts)),
        *([_("%(places)s of all places go to other products", places=percent(places, "#,##0.# %"))] if places else []),
        order_words(found["rank_correlation"]),
    ]
    products = found["products"].items()
    return {
        "says": f"{'; '.join(says)}.",
        "fewer": _fewer_words(found["lists_emptied"], found["lists_shortened"]),
        **{side: [(catalogue.name_of(one), count) for one, count in counts.items()] for side, counts in products},
    }


def _fewer_words(emptied: int, shortened: int) -> str:
    """Return how many lists become empty or shorter, '' where none does."""
    return " ".join(
        [
            *([ngettext("%(n)s list becomes empty.", "%(n)s lists become empty.", emptied)] if emptied else []),
            *([ngettext("%(n)s list becomes shorter.", "%(n)s lists become shorter.", shortened)] if shortened else []),
        ]
    )


def order_words(correlation: float | None) -> str:
    """Return how much the order of the products that stay changes, by their rank correlation.

    Examples
    --------
    >>> order_words(1.0), order_words(0.95), order_words(0.2), order_words(-0.5)
    ('the order of the others is unchanged', 'the order of the others hardly changes', \
'the order of the others changes', 'the order of the others is reversed')

    """
    if correlation is None or correlation >= SAME_ORDER:
        return _("the order of the others is unchanged")
    if correlation >= SIMILAR_ORDER:
        return _("the order of the others hardly changes")
    return _("the order of the others changes") if correlation >= 0 else _("the order of the others is reversed")


def rule_notes(rules: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return which rules to look at: those that never act, change nothing, or always act."""
    return [_(NOTES[impact["note"]], rule=rule_id) for rule_id, impact in rules.items() if "note" in impact]
