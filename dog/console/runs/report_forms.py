"""Texts of reports besides their sentences: headings, heads of tables and charts, notes."""

from dog.console.runs.evaluation_forms import RANKINGS
from dog.console.runs.figure_forms import ESTIMATE, FIGURE
from dog.console.runs.proof_forms import NOT_LOGGED
from dog.console.text_forms import TextForms, TextPart, TextValue
from dog.console.texts import N_

KIND = TextForms(N_("product"), N_("category"), N_("segment"))
PREDICTION = TextForms(
    N_("with multipliers"),
    N_("with streaks and rules"),
    N_("in list order"),
    N_("consolidated"),
    N_("past win rate alone"),
    "%(words)s",
)
_CLASSES = (N_("past win rate of the pair"), N_("pitches of the pair seen before"))
_EVALUATION = (
    N_(
        "%(n)s resolved pitches, %(won)s won, to %(contacts)s contacts, %(pairs)s pairs; from %(first)s to %(last)s. "
        "Every figure uses only what was known before each pitch. Brackets hold 95%% intervals: first over contacts, "
        "then over weeks, which stand for campaigns. Trust a difference only if both intervals show it."
    ),
    N_("A random sample of contacts was read: %(share)s of the partitions."),
    N_("Fitted again every %(n)s weeks to what came before: %(words)s."),
    N_("Left out: %(name)s, %(why)s."),
    N_("Not replayed: %(left)s, %(why)s."),
    N_("Loaded scores were trusted to be older than the pitches they are judged by."),
    N_("Does the win rate predict here?"),
    N_("How good the scores are"),
    N_("What multipliers and rules are worth"),
    N_("What the reference models rely on"),
    N_("How well contacts and products start"),
    N_("By %(kind)s"),
    N_("Over all pitches with a score. A log loss below 0 is better."),
    N_(
        "A list is what one contact was pitched in one week, if something was won and something lost. Each list counts "
        "once, and equal scores share their places. Bias is wins minus predicted wins per pitch. Dispersion is 1 if "
        "wins vary as by chance."
    ),
    N_(
        "No pitch belongs to a control group, so this report cannot say what would have happened without multipliers "
        "and rules. To measure it, give a share of contacts to no_multiplier, no_rules and random_eligible under "
        "[variants] of the policy."
    ),
    N_("On the last eight weeks, which the models judged here had not seen."),
    N_(
        "Measured on contacts that the model was not fitted to: given their first events, it has to find the next ten "
        "among all products. Brackets hold 95% intervals."
    ),
    N_("Too few products to judge new ones."),
    N_(
        "Tenant %(tenant)s, policy version %(id)s, seed %(n)s, history %(history)s, made %(made)s. All figures are in "
        "figures.json."
    ),
)
_TABLES = (
    N_("figure"),
    N_("change"),
    N_("change by the multiplier"),
    N_("prediction"),
    N_("pitches"),
    N_("contacts"),
    N_("log loss"),
    N_("calibration error"),
    N_("bias"),
    N_("dispersion"),
    N_("in lists"),
    N_("contact-weeks"),
    N_("variant"),
    N_("win rate"),
    N_("lift"),
    N_("weeks until 10% is seen"),
    N_("unknown"),
    N_("policy"),
    N_("together"),
    N_("product ratios alone"),
    N_("pair ratios alone"),
    N_("pitches with a past, wins among them"),
    N_("AUC of the pair's past win rate"),
    N_("AUC of the pair's own record within its product"),
    N_("AUC of the consolidated score, same pitches"),
    N_("AUC of score times multiplier"),
    N_("what the multiplier adds there"),
    N_("what the multiplier adds over all pitches with a score"),
    N_("fitted strength, in pitches (2 to 200)"),
    N_("multipliers: 2.5%, median, 97.5%"),
    N_("consolidated, less %(name)s"),
    N_("calibration error, %(prediction)s"),
    N_("%(measure)s at %(n)s"),
    N_("events known"),
    N_("popularity: NDCG at 10"),
    N_("start adds: NDCG at 10"),
    N_("decision"),
    N_("on"),
    N_("off"),
    N_("too few contacts"),
    N_("segment level, 0"),
    N_("%(words)s, attributes known"),
    N_("buyers known of a new product"),
    N_("products"),
    N_("most active contacts: AUC"),
    N_("start: AUC"),
    "%(kind)s",
    "%(ranking)s",
)
_CHARTS = (
    N_("AUC with 95% intervals, the wider of both"),
    N_("Calibration: predicted and observed win rates"),
    N_("Residuals: observed minus predicted"),
    N_("Gain: wins among the best scored"),
    N_("Lift over pitching at random"),
    N_("Next win rate by past win rate"),
    N_("Error of cold pairs by pitches seen"),
    N_("AUC by %(kind)s"),
    N_("What %(name)s relies on"),
    N_("Policy and controls"),
    N_("What start gains over popularity"),
    N_("AUC, 0.5 is guessing"),
    N_("AUC, 0.5 is guessing; beside the name, pitches"),
    N_("predicted win rate"),
    N_("observed win rate"),
    N_("observed minus predicted"),
    N_("share of the pitches, best scored first"),
    N_("share of all wins"),
    N_("%(classes)s; below, pitches"),
    N_("next win rate"),
    N_("squared error"),
    N_("product's rate"),
    N_("raw rate"),
    N_("shrunk rate"),
    N_("none yet"),
    N_("%(value)s or more"),
    N_("%(value)s to %(high)s"),
    N_("AUC lost when shuffled, of %(value)s"),
    N_("purchases and wins known of a contact"),
    N_("AUC gained over popularity"),
)
_TUNING = (
    N_(
        "%(n)s trials. Each trial replays the history before the held-out weeks with other settings. It is judged by "
        "the log loss of its chances on the odds scale, in nats per pitch; lower is better."
    ),
    N_("The best settings"),
    N_("Not tuned: %(name)s, %(why)s."),
    N_("How the search went"),
    N_(
        "Importance is by functional ANOVA of a forest of trees: what mattered within the bounds that were tried. "
        "Below, the diamond marks the best trial; the worst 5 % of the trials are not drawn."
    ),
    N_(
        "Version %(id)s; sampler %(sampler)s, seed %(n)s, weeks held out %(of)s, data %(data)s. "
        "All trials are in figures.json."
    ),
    N_("log loss on the weeks searched"),
    N_("setting"),
    N_("active"),
    N_("best"),
    N_("importance"),
    N_("Each setting against the log loss"),
    N_("Best so far"),
    N_("Which settings matter"),
    N_("share of the differences in log loss that the setting explains"),
    N_("active policy"),
    N_("trial"),
    N_("best log loss so far"),
)
_PROOF = (
    N_("How well both predict"),
    N_(
        "Both policies were replayed over the history and compared on the last %(weeks)s weeks with pitches: "
        "%(n)s pitches to %(of)s contacts."
    ),
    N_("log loss, nats per pitch"),
    N_("NDCG@3 inside a contact's week"),
    N_("precision@1 inside a contact's week"),
    N_("live version"),
    N_("challenger"),
    "%(passes)s",
    "%(passes)s %(recalibrated)s",
    N_("What both would have won"),
    N_("Not compared: %(not_logged)s."),
    N_("wins per listed item"),
    N_(
        "From %(n)s logged items with propensities. dr is doubly robust, and decides; snips weighs by propensities "
        "alone."
    ),
    N_("How today's lists would change"),
    N_("%(n)s of %(of)s lists would change; %(value)s of the places would hold another product."),
    N_("Lists that would be empty: %(n)s; shorter: %(of)s."),
    N_("lists more or fewer"),
)
_PASSES = TextForms(
    N_(
        "The challenger passes if its log loss is not higher by more than %(value)s and no ranking is worse, by both "
        "intervals: over contacts and over weeks."
    ),
    value=FIGURE,
)
_RECALIBRATED = TextForms(N_("The chances of both were recalibrated, because one of them multiplies scores."))
_WHY = TextForms(
    N_("what was bought before the pitches is too little to fit it"),
    N_("no scores that are as old as the pitches"),
    N_("it has no scores"),
    N_("on market, business, or discomfort with anything but the product"),
    N_("verdicts are not known"),
    N_("its multiplier is replayed as one of the consolidated score"),
    N_("%(name)s changes which options are listed, not their scores"),
    N_("%(words)s at past pitches is not known"),
    N_("verdicts stand before fewer than %(n)s pitches"),
    N_("fewer than %(n)s contacts had laps enough for a recursion"),
    "%(words)s",
)
_FIGURES = (
    "%(estimate)s",
    N_("%(value)s, %(high)s"),
    N_("%(value)s, %(high)s, %(share)s"),
    "AUC, %(prediction)s",
    "Brier, %(prediction)s",
    "%(prediction)s",
)
TEXTS = (*_EVALUATION, *_TABLES, *_CHARTS, *_TUNING, *_PROOF, *_FIGURES)
OF_TEXTS: dict[str, TextPart] = {
    **dict.fromkeys(("value", "high", "share", "won", "contacts", "pairs", "weeks"), FIGURE),
    **dict.fromkeys(("first", "last", "tenant", "history", "made", "sampler", "data"), TextValue(r"\S+")),
    "estimate": ESTIMATE,
    "not_logged": NOT_LOGGED,
    "passes": _PASSES,
    "recalibrated": _RECALIBRATED,
    "kind": KIND,
    "ranking": RANKINGS,
    "prediction": PREDICTION,
    "measure": TextForms("precision", "recall", "ndcg"),
    "classes": TextForms(*_CLASSES),
    "left": TextForms(
        N_("rule %(name)s"), N_("verdicts beyond the pair"), N_("streaks"), N_("performance of %(name)s"), "%(words)s"
    ),
    "why": _WHY,
}
