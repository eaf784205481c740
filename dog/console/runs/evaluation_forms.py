"""Sentences of evaluations, as the service writes them: of win rates, models, controls and the model start."""

import re

from dog.console.runs.figure_forms import CHANGE, FIGURE, WEEKS
from dog.console.text_forms import TextForms, TextPart, TextValue
from dog.console.texts import N_

RANKINGS = TextForms("AUC", N_("AUC inside a contact's week"), "NDCG@3")
_FIGURES: dict[str, TextPart] = {"value": FIGURE, "low": FIGURE, "high": FIGURE, "weeks": WEEKS, "change": CHANGE}
_AREA = TextForms(N_("AUC %(value)s (by contacts %(low)s to %(high)s, %(weeks)s)"), **_FIGURES)
_STRENGTH = TextForms(N_("the fitted strength is %(n)s pitches"))
_NEAR = TextForms(N_("95%% of the multipliers lie between %(low)s and %(high)s"), **_FIGURES)
_OWN_RECORD = TextForms(
    N_("%(fitted)s: after that many, a pair's own record counts as much as its product's"),
    N_("%(fitted)s, the largest: pairs count nearly as their product does, although their own record tells more"),
    N_("%(fitted)s, the largest: it is the product's rate that predicts, pairs of a product do not differ"),
    fitted=_STRENGTH,
)
_SUGGESTION = TextForms(
    N_("so set a_max and d_min to 1 until that changes"),
    N_("with %(words)s the change would be %(change)s, so set that"),
    **_FIGURES,
)
_HARM = TextForms(N_("the score's %(ranking)s by %(change)s"), ranking=RANKINGS, **_FIGURES)
_MORE = TextForms(N_("%(change)s beside the score"), N_("no score beside"), **_FIGURES)
_KEEP = TextForms(
    N_("so keep the multipliers on"),
    N_("multipliers neither help nor harm, and could be held nearer to 1"),
    N_("but as they are set, over all pitches, new pairs included, multipliers change %(harm)s; %(suggestion)s"),
    N_("but not as they are set; %(suggestion)s"),
    harm=_HARM,
    suggestion=_SUGGESTION,
)
_PARTS: dict[str, TextPart] = {
    "area": _AREA,
    "fitted": _STRENGTH,
    "near": _NEAR,
    "own": _OWN_RECORD,
    "more": _MORE,
    "keep": _KEEP,
    "harm": _HARM,
    "suggestion": _SUGGESTION,
}
_WIN_RATES = (
    N_(
        "Whether past win rates predict here is not known yet: %(area)s alone, and it takes both intervals above 0.5; "
        "%(fitted)s, %(near)s."
    ),
    N_(
        "Whether past win rates predict here is not known yet: %(n)s pitches with %(of)s wins had a past, and it takes "
        "%(low)s with %(high)s, of %(contacts)s contacts in %(value)s weeks; %(fitted)s, %(near)s."
    ),
    N_(
        "Multipliers mislead here: they change %(harm)s, while past win rates alone have %(area)s; %(suggestion)s; "
        "%(own)s."
    ),
    N_("Past win rates predict here: %(area)s alone, %(more)s, %(keep)s; %(own)s."),
    N_(
        "Past win rates predict here, %(area)s, but tell nothing that the score does not know, %(more)s; %(keep)s; "
        "%(own)s."
    ),
    N_(
        "Past win rates say nothing here: %(area)s alone, %(more)s, so expect nothing of the multipliers; "
        "%(fitted)s, %(near)s."
    ),
)
_ALL_CHANGES = TextForms(
    N_(
        "AUC %(auc)s, inside a contact's week %(within)s, NDCG@3 %(ndcg)s, precision@1 %(precision)s, log loss %(loss)s"
    ),
    **dict.fromkeys(("auc", "within", "ndcg", "precision", "loss"), CHANGE),
)
_EACH = re.compile(_ALL_CHANGES.looks)
_MODELS = (
    N_("The consolidated score is as good as each of its models alone, or better."),
    N_("The consolidated score is worse than these models alone: %(below)s; %(remedy)s."),
)
_OF_MODELS: dict[str, TextPart] = {
    "below": TextValue(r".+?", lambda text: _EACH.sub(lambda found: _ALL_CHANGES.write(found[0]), text)),
    "remedy": TextForms(N_("set the weight of %(name)s to 0"), N_("dropping any one model would not fix it")),
}
_CONTROLS = (
    N_("%(name)s: too few contacts (%(n)s) to tell; %(of)s is the least."),
    N_("The policy wins more than %(name)s: %(lift)s."),
    N_("The policy wins less than %(name)s: %(lift)s; look at what it adds."),
    N_("No difference to %(name)s is known; it has won nothing yet."),
    N_("No difference to %(name)s is known yet: %(lift)s; a lift of %(value)s could be seen %(wait)s."),
)
_DRAWN = TextForms(N_("too few weeks to draw"), N_("with weeks drawn %(low)s to %(high)s"), **_FIGURES)
_OF_CONTROLS: dict[str, TextPart] = {
    "lift": TextForms(
        N_("%(value)s (%(low)s to %(high)s, %(drawn)s) of the win rate"),
        N_("%(value)s (%(low)s to %(high)s, %(drawn)s)"),
        drawn=_DRAWN,
        **_FIGURES,
    ),
    "wait": TextForms(N_("in about %(n)s more weeks"), N_("by now")),
}
_ADVICE_OF_START = (
    N_("start: no purchase and no win yet; products are ordered by value."),
    N_("start: %(counted)s, %(found)s."),
)
_BAND = TextForms(N_("1 event"), N_("%(words)s events"))
_FOUND = TextForms(
    N_("too few of them with two products to prove more than popularity"),
    N_("tastes not proved, popularity counts alone"),
    N_("tastes proved after %(band)s"),
    N_("popularity by segment proved, %(beyond)s; of contacts without attributes, tastes proved %(without)s"),
    band=_BAND,
    beyond=TextForms(N_("tastes prove no more"), N_("tastes prove more after %(band)s"), band=_BAND),
    without=TextForms(N_("after no number of events"), N_("after %(band)s"), band=_BAND),
)
_REST = TextForms(
    N_("cold products find their buyers"),
    N_("the memory of past cases is proved, with a trust of %(value)s"),
    N_("the memory of past cases is not proved, and not used"),
    **_FIGURES,
)
_OF_START: dict[str, TextPart] = {
    "counted": TextForms(N_("1 contact"), N_("%(n)s contacts")),
    "found": TextForms(
        "%(found)s", "%(found)s; %(rest)s", "%(found)s; %(rest)s; %(more)s", found=_FOUND, rest=_REST, more=_REST
    ),
}
ADVICE = (*_WIN_RATES, *_MODELS, *_CONTROLS, *_ADVICE_OF_START)
OF_ADVICE: dict[str, TextPart] = {**_FIGURES, **_PARTS, **_OF_MODELS, **_OF_CONTROLS, **_OF_START, "contacts": FIGURE}
