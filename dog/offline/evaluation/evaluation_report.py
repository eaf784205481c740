"""The report as files: one self-contained HTML page, its charts as SVG, the same figures as JSON."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from html import escape

import numpy as np

from dog.offline.evaluation import evaluation_charts as charts
from dog.offline.evaluation import start_curve
from dog.offline.evaluation.evaluation_result import CONSOLIDATED, MULTIPLIED, Evaluation
from dog.offline.evaluation.prediction_quality import LIST_LENGTHS, GroupQuality
from dog.offline.report_charts import Charts, pictures
from dog.offline.report_page import render_page, table
from dog.offline.statistics.format_estimates import format_change, format_estimate
from dog.offline.statistics.score_change import ScoreChange

CHANGES = ("AUC", "AUC inside a contact's week", "NDCG@3", "precision@1", "log loss")
EFFECT_NAMES = {"together": "together", "products": "product ratios alone", "pairs": "pair ratios alone"}
Drawing = tuple[str, str, Callable[[], bytes]]


def draw_all(evaluation: Evaluation, report: Callable[[float], None] = lambda _: None) -> Charts:
    """Draw every chart for which there are figures."""
    drawn = {}
    wanted = list(_drawings(evaluation))
    for done, (name, title, draw) in enumerate(wanted, 1):
        drawn[name] = (title, draw())
        report(done / len(wanted))
    return drawn


def _drawings(evaluation: Evaluation) -> Iterator[Drawing]:
    """Yield file name, title and drawing function of each chart."""
    judged, found = evaluation.judged, evaluation.win_rates
    if judged:
        yield "auc", "AUC with 95% intervals, the wider of both", partial(charts.draw_auc, judged)
        yield "calibration", "Calibration: predicted and observed win rates", partial(charts.draw_calibration, judged)
        yield "residuals", "Residuals: observed minus predicted", partial(charts.draw_residuals, judged)
        yield "gain", "Gain: wins among the best scored", partial(charts.draw_gain, judged)
        yield "lift", "Lift over pitching at random", partial(charts.draw_lift, judged)
    if found.next_by_rate:
        by_rate = ("past win rate of the pair", "next win rate")
        by_seen = ("pitches of the pair seen before", "squared error")
        draw = charts.draw_classes
        yield "next_by_past", "Next win rate by past win rate", partial(draw, found.next_by_rate, *by_rate)
        yield "few_shot", "Error of cold pairs by pitches seen", partial(draw, found.few_shot, *by_seen)
    for kind, groups in evaluation.groups.items():
        if names := shown_in(groups):
            yield f"by_{kind}", f"AUC by {kind}", partial(charts.draw_groups, groups, names)
    for name, importance in evaluation.importance.items():
        yield f"importance_{name}", f"What {name} relies on", partial(charts.draw_importance, importance)
    if evaluation.impact:
        yield "impact", "Policy and controls", partial(charts.draw_impact, evaluation.impact)
    if evaluation.start is not None and start_curve.can_draw(evaluation.start):
        draw_curve = partial(start_curve.draw_start_curve, evaluation.start)
        yield start_curve.CHART, "What start gains over popularity", draw_curve


def render(evaluation: Evaluation, drawn: Charts) -> str:
    """Return the page, with the pictures inlined."""
    basis = evaluation.basis
    parts = [
        (
            f"<p>{basis.pitches:,} resolved pitches, {basis.wins:,} won, to {basis.contacts:,} contacts, "
            f"{basis.pairs:,} pairs; from {basis.first_at[:10]} to {basis.last_at[:10]}. Every figure uses only what "
            "was known before each pitch. Brackets hold 95% intervals: first over contacts, then over weeks, which "
            "stand for campaigns. Trust a difference only if both intervals show it.</p>"
        ),
        _models_note(evaluation),
        "<h2>Does the win rate predict here?</h2>",
        f"<p class=advice>{escape(evaluation.win_rates.advice)}</p>",
        _win_rate_table(evaluation),
        *_effects(evaluation),
        *pictures(drawn, "next_by_past", "few_shot"),
        "<h2>How good the scores are</h2>",
        f"<p class=advice>{escape(evaluation.models.advice)}</p>",
        *_constituents(evaluation),
        _judged_table(evaluation),
        *pictures(drawn, "auc", "calibration", "residuals", "gain", "lift"),
        *_impact(evaluation, drawn),
        *start_curve.render_start_curve(evaluation.start, drawn),
        *_importance(drawn),
        *(part for kind, groups in evaluation.groups.items() if groups for part in _groups(kind, groups, drawn)),
        (
            f"<p class=note>Tenant {escape(basis.tenant)}, policy version {escape(basis.policy_version)}, seed "
            f"{basis.seed}, history {basis.fingerprint}, made {basis.made_at}. All figures are in figures.json.</p>"
        ),
    ]
    return render_page(f"Evaluation of policy {basis.policy}", parts)


def _models_note(evaluation: Evaluation) -> str:
    basis = evaluation.basis
    lines = []
    if basis.read_share < 1:
        lines.append(f"A random sample of contacts was read: {basis.read_share:.1%} of the partitions.")
    if basis.refitted:
        lines.append(f"Fitted again every {basis.refit_weeks} weeks to what came before: {', '.join(basis.refitted)}.")
    lines += [f"Left out: {name}, {why}." for name, why in basis.left_out.items()]
    lines += [f"Not replayed: {name}, {why}." for name, why in basis.not_replayed.items()]
    if basis.trusted_scores:
        lines.append("Loaded scores were trusted to be older than the pitches they are judged by.")
    return "".join(f"<p class=note>{escape(line)}</p>" for line in lines)


def _win_rate_table(evaluation: Evaluation) -> str:
    found = evaluation.win_rates
    low, middle, high = found.multipliers
    rows = (
        ("pitches with a past, wins among them", f"{found.pitches:,}, {found.wins:,}"),
        ("AUC of the pair's past win rate", format_estimate(found.auc_rate)),
        ("AUC of the pair's own record within its product", format_estimate(found.auc_own)),
        ("AUC of the consolidated score, same pitches", format_estimate(found.auc_score)),
        ("AUC of score times multiplier", format_estimate(found.auc_together)),
        ("what the multiplier adds there", format_estimate(found.auc_gain)),
        ("what the multiplier adds over all pitches with a score", format_estimate(found.auc_gain_all)),
        ("fitted strength, in pitches (2 to 200)", f"{found.strength:.1f}"),
        ("multipliers: 2.5%, median, 97.5%", f"{low:.2f}, {middle:.2f}, {high:.2f}"),
    )
    return table(("", "figure"), rows)


def _constituents(evaluation: Evaluation) -> Iterable[str]:
    """Yield what the consolidated score gains over each model."""
    changes = evaluation.models.changes
    if changes:
        rows = [[f"consolidated, less {name}", *_changes(change)] for name, change in changes.items()]
        yield table(["change", *CHANGES], rows)


def _changes(change: ScoreChange) -> list[str]:
    figures = ("auc", "auc_within", "ndcg_at_3", "precision_at_1", "log_loss")
    return [format_change(getattr(change, key), 4 if key == "log_loss" else 3) for key in figures]


def _effects(evaluation: Evaluation) -> Iterable[str]:
    """Yield what the multiplier changes over all pitches with a score, by its parts."""
    effects = evaluation.win_rates.effects
    if not effects:
        return
    yield table(
        ["change by the multiplier", *CHANGES],
        [[EFFECT_NAMES[part], *_changes(effect)] for part, effect in effects.items()],
    )
    yield "<p class=note>Over all pitches with a score. A log loss below 0 is better.</p>"


def _judged_table(evaluation: Evaluation) -> str:
    names = ("auc", "auc_within_contact_week", "brier", "log_loss", "calibration_error")
    listed = [f"{name}_at_{k}" for k in LIST_LENGTHS for name in ("precision", "recall", "ndcg")]
    head = ["prediction", "pitches", "AUC", "AUC inside a contact's week", "Brier", "log loss", "calibration error"]
    head += ["bias", "dispersion"]
    rows = [
        [
            name,
            f"{found.pitches:,}",
            *(format_estimate(found.figures[key], 3 if key.startswith("auc") else 4) for key in names),
            f"{found.residuals.bias:+.4f}",
            f"{found.residuals.dispersion:.2f}",
        ]
        for name, found in evaluation.judged.items()
    ]
    lists = [
        [name, f"{found.contact_weeks:,}", *(format_estimate(found.figures[key]) for key in listed)]
        for name, found in evaluation.judged.items()
    ]
    note = (
        "<p class=note>A list is what one contact was pitched in one week, if something was won and something lost. "
        "Each list counts once, and equal scores share their places. Bias is wins minus predicted wins per pitch. "
        "Dispersion is 1 if wins vary as by chance.</p>"
    )
    return (
        table(head, rows)
        + note
        + table(["in lists", "contact-weeks", *(key.replace("_", " ") for key in listed)], lists)
    )


def _impact(evaluation: Evaluation, drawn: Charts) -> Iterable[str]:
    yield "<h2>What multipliers and rules are worth</h2>"
    impact = evaluation.impact
    if impact is None:
        yield (
            "<p>No pitch belongs to a control group, so this report cannot say what would have happened without "
            "multipliers and rules. To measure it, give a share of contacts to no_multiplier, no_rules and "
            "random_eligible under [variants] of the policy.</p>"
        )
        return
    yield "".join(f"<p>{escape(lift.sentence)}</p>" for lift in impact.lifts)
    rows = [["policy", f"{impact.contacts:,}", f"{impact.pitches:,}", format_estimate(impact.win_rate), "-", "-"]]
    for lift in impact.lifts:
        wait = f"{lift.weeks_to_see:.0f}" if np.isfinite(lift.weeks_to_see) else "unknown"
        rows.append(
            [
                lift.control,
                f"{lift.contacts:,}",
                f"{lift.pitches:,}",
                format_estimate(lift.win_rate),
                format_estimate(lift.lift),
                wait,
            ]
        )
    yield table(["variant", "contacts", "pitches", "win rate", "lift", "weeks until 10% is seen"], rows)
    yield from pictures(drawn, "impact")


def _importance(drawn: Charts) -> Iterable[str]:
    names = [name for name in drawn if name.startswith("importance_")]
    if names:
        yield "<h2>What the reference models rely on</h2>"
        yield "<p class=note>On the last eight weeks, which the models judged here had not seen.</p>"
        yield from pictures(drawn, *names)


def shown_in(groups: Sequence[GroupQuality]) -> list[str]:
    """Return the predictions that could be judged in at least one of the groups."""
    return [name for name in (MULTIPLIED, CONSOLIDATED) if any(name in group.figures for group in groups)]


def _groups(kind: str, groups: Sequence[GroupQuality], drawn: Charts) -> Iterable[str]:
    shown = shown_in(groups)
    head = [kind, "pitches", "win rate"]
    for name in shown:
        head += [f"AUC, {name}", f"Brier, {name}", f"calibration error, {name}"]
    rows = []
    for group in groups:
        row = [group.name, f"{group.pitches:,}", f"{group.win_rate:.3f}"]
        for name in shown:
            found = group.figures.get(name, {})
            row += [
                format_estimate(found[key]) if key in found else "-" for key in ("auc", "brier", "calibration_error")
            ]
        rows.append(row)
    yield f"<h2>By {kind}</h2>" + table(head, rows)
    yield from pictures(drawn, f"by_{kind}")
