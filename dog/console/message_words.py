"""Messages of the service in the reader's language: refusals, warnings, and why a product is not on a list.

Those that have no form here stay English, as commands and the API print them.
"""

from dog.console.console_remedies import console_remedies
from dog.console.text_forms import TextForms
from dog.console.texts import N_

_UNKNOWN = TextForms(
    N_("product '%(name)s' is not loaded"),
    N_("contact '%(name)s' is not loaded"),
    N_("channel '%(name)s' is not a channel of a policy, of a product or of this contact"),
    N_("time '%(name)s' is not a time of a policy, of a product or of this contact"),
    N_("model '%(name)s' has no scores, and no active policy names it"),
    N_("account '%(name)s' is not the account of this contact"),
)
_EVENT = TextForms(N_("pitch"), N_("win"), N_("loss"), N_("accept"), N_("discard"))
_WHOSE = TextForms(N_("contact"), N_("pair"), N_("product"), N_("category"))
_WHY_NOT = (
    N_("the product is not in the catalogue"),
    N_("the product has no row in products"),
    N_("no model has a score of the product for this contact"),
    N_("load a score: dog load scores FILE, or send it as a candidate"),
    N_("the product is not offered on this day (active_from, active_to)"),
    N_("change active_from or active_to of the product"),
    N_("the request excludes it"),
    N_("remove it from exclude in the request"),
    N_("it was discarded and rests until %(time)s"),
    N_("the contact rests until %(time)s: it was discarded"),
    N_("the account rests until %(time)s: it was discarded"),
    N_("accept the product for this contact, or wait until the rest is over"),
    N_(
        "wait until there are fewer than %(n)s (%(event)s by %(whose)s within %(of)s days), "
        "or raise the limit of rule %(id)s"
    ),
    N_("change the condition of rule %(id)s, or remove the rule"),
    N_("wait until its rest is over and its active_from has come"),
    N_("its group is full: %(words)s"),
    N_("raise the cap of rule %(id)s above %(n)s"),
    N_("%(n)s eligible options score higher; the list ends at %(decimal)s"),
    N_("k of at least %(n)s, or a factor of x%(decimal)s on its score"),
)
_REFUSALS = (
    N_("log in first"),
    N_("something went wrong; the log has the details"),
    N_("%(id)s is running already; see: dog jobs list"),
    N_("its process died or lost its lease; what it did not finish is due again"),
    N_("the process was asked to stop; run it again to continue"),
    N_("its process was killed, perhaps for lack of memory; start it again"),
    N_("run '%(id)s' is not known; see: dog runs list"),
    N_("policy '%(name)s' is not active; active are %(words)s"),
    N_("this needs the scope '%(id)s'; your key has %(words)s"),
    N_("this needs the role '%(id)s'; yours is %(name)s"),
    N_("too many invalid keys; wait a few seconds, then try again"),
    N_("contact '%(words)s' is not known; check the id"),
    N_("product '%(words)s' is not known; check the id"),
    N_(
        "contact '%(words)s' is not known; load it (dog load contacts FILE), "
        'send its attributes as "contact", or send candidates with their scores'
    ),
    N_("policy '%(words)s' is not known"),
    N_("no version of policy '%(words)s' is active; active are %(others)s"),
    N_("no contact is loaded; a preview needs some: dog load contacts FILE"),
    N_("Redis was full; send this event again, it counts once"),
    N_("Redis is full; events stay in quarantine until there is room"),
    N_("occurred_at is more than 5 minutes in the future; check the sender's clock"),
    N_("its week is archived and takes no more events; the counts of that week are final"),
    N_("until is %(id)s; give a day from tomorrow on, at most %(n)s days ahead"),
    N_("rehearse the file first"),
    N_("the file is loaded already"),
    N_("the upload was not found: it is too old, or on another machine; upload the file again"),
    N_("the form lacks a setting, or one is not a number; load the page again"),
)
_MESSAGES = TextForms(
    N_("%(unknown)s; did you mean '%(near)s'?"),
    "%(unknown)s",
    *_WHY_NOT,
    *_REFUSALS,
    unknown=_UNKNOWN,
    event=_EVENT,
    whose=_WHOSE,
)


def message_words(message: str) -> str:
    """Return a message of the service in the reader's language, with the remedies of the console."""
    return console_remedies(_MESSAGES.write(message))
