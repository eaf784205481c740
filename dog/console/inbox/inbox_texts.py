"""The texts of the inbox's scripts, in the reader's language."""

from typing import Any

from dog.console.inbox.actions import VERBS
from dog.console.texts import N_, _, ngettext

SEVERAL = 2
"""A count that takes the plural; scripts choose between one and several."""

KEY_NAMES = (
    (("j", "k"), N_("next card, card before")),
    (("a",), N_("accept: I will pitch this")),
    (("d",), N_("discard, then the reason")),
    (("r",), N_("change channel, time or product, then to what")),
    (("p", "w", "l"), N_("of what is to do: pitched, won, lost")),
    (("z",), N_("snooze, then until when")),
    (("o",), N_("open the receipt")),
    (("u",), N_("undo the last")),
    (("n", "b"), N_("next contact, contact before")),
    (("/", "Ctrl K"), N_("find a contact, product, page or action")),
    (("Esc",), N_("close what is open")),
    (("?",), N_("show these keys")),
)
"""Keys, and what each does."""


def script_texts() -> dict[str, Any]:
    """Return the texts by their names in the scripts; `%(n)s` and the like are replaced there."""
    return {
        "verbs": {kind: _(verb) for kind, verb in VERBS.items()} | {"snooze": _("Snoozed")},
        "undo": _("Undo"),
        "dismiss": _("Dismiss"),
        "waits": _("waits to be sent"),
        "full": _("This browser has no space left to keep answers, so this one was not taken. Free some space first."),
        "nothingToUndo": _("There is nothing of today to undo."),
        "takenBack": _("Taken back: %(product)s for %(contact)s."),
        "shown": _("%(name)s: %(n)s recommendations"),
        "contact": _("contact"),
        "product": _("product"),
        "page": _("page"),
        "action": _("action"),
        "nothingFound": _("Nothing has that name or id."),
        "tooMany": _("There are too many contacts to search all of them; give the whole id."),
        "waiting": [ngettext("%(n)s answer", "%(n)s answers", count, n="%(n)s") for count in (1, SEVERAL)],
        "trouble": {
            "": _("Saving %(answers)s."),
            "offline": _("You are offline. %(answers)s kept in this browser, to be sent once there is a connection."),
            "away": _("The service does not answer. %(answers)s kept in this browser, to be sent once it does."),
            "person": _("Somebody else is logged in. %(answers)s kept in this browser until you log in again."),
        },
    }
