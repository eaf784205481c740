"""Sentences of proofs and searches of settings, as the service writes them, and the texts of their reports."""

from dog.console.runs.figure_forms import CHANGE, FIGURE
from dog.console.text_forms import TextForms, TextPart, TextValue
from dog.console.texts import N_

_FIGURES: dict[str, TextPart] = {"first": FIGURE, "second": FIGURE, "change": CHANGE, "other": CHANGE}
_LOSSES = TextForms(
    N_(
        "on %(n)s held-out pitches the challenger's log loss is %(first)s, the champion's %(second)s: "
        "difference %(change)s"
    ),
    **_FIGURES,
)
_RANKING = TextForms(
    N_("its AUC is %(first)s, the champion's %(second)s: change %(change)s, NDCG@3 inside a contact's week %(other)s"),
    **_FIGURES,
)
HELD_OUT = TextForms(
    "%(losses)s",
    "%(losses)s; %(ranking)s",
    "%(losses)s; %(recalibrated)s",
    "%(losses)s; %(ranking)s; %(recalibrated)s",
    losses=_LOSSES,
    ranking=_RANKING,
    recalibrated=TextForms(N_("chances of both recalibrated, since scores are multiplied")),
)
_LOGGED = TextForms(
    N_(
        "on %(n)s logged items with propensities the challenger would have won %(first)s an item, "
        "the champion %(second)s: difference %(change)s doubly robust, %(other)s by SNIPS"
    ),
    **_FIGURES,
)
_MISSING = TextForms(
    N_("%(n)s rows, at least %(of)s are needed"),
    N_("%(n)s contacts, at least %(of)s are needed"),
    N_("%(n)s rewarded rows that the policy could have served, at least %(of)s are needed"),
    N_("%(n)s effective rows, at least %(of)s are needed"),
)
NOT_LOGGED = TextForms(
    N_("no kept decision has propensities: the policy splits no traffic (docs/how-to/evaluation.md)"),
    N_(
        "the log cannot tell what the policy is worth: %(missing)s; log more decisions, or give a larger share to the "
        "control random_eligible"
    ),
    N_(
        "the log does not cover the policy: weights average %(first)s where 1 is due; either the propensities are not "
        "true, or the policy serves what was never served"
    ),
    "%(words)s",
    missing=TextValue(r".+?", lambda text: "; ".join(map(_MISSING.write, text.split("; ")))),
    **_FIGURES,
)
PROOF = TextForms(
    N_("judged by the models alone (%(why)s): %(held_out)s"),
    N_("judged by logged propensities: %(logged)s; %(held_out)s"),
    N_("logged propensities leave it open, so judged by the models: %(logged)s; %(held_out)s"),
    why=NOT_LOGGED,
    logged=_LOGGED,
    held_out=HELD_OUT,
)
PROVED = TextForms(
    N_("At least as good"), N_("Not proved to be at least as good"), N_("at least as good"), N_("not proved")
)
DRAFTED = TextForms(N_("Drafted nothing, the active policy is not beaten"), N_("Drafted %(name)s %(id)s"))
OUTCOMES = (
    "%(proved)s; %(proof)s",
    "%(proved)s: %(proof)s.",
    "%(drafted)s; %(held_out)s",
    "%(drafted)s: %(held_out)s.",
    "%(proof)s",
)
OF_OUTCOMES: dict[str, TextPart] = {"proved": PROVED, "proof": PROOF, "drafted": DRAFTED, "held_out": HELD_OUT}
