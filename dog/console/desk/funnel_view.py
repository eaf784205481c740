"""The funnel's table: from lists to wins by model, channel, product or segment."""

from collections.abc import Mapping
from typing import Any

from dog.console.texts import N_, _
from dog.core.learning.pitch_cohorts import Cohort
from dog.services.desk.desk_reader import DeskFigures
from dog.services.desk.list_funnel import Stages
from dog.services.desk.pitch_figures import GROUPS
from dog.services.pairs.week_figures import Proportion, proportion

DIMENSIONS = {"model": N_("Model"), "channel": N_("Channel"), "product": N_("Product"), "segment": N_("Segment")}
SPANS = {"month": N_("4 weeks"), "quarter": N_("13 weeks")}
MOST_ROWS = 20


def describe_funnel(
    figures: DeskFigures, products: Mapping[str, str], by: str | None, span: str | None
) -> dict[str, Any]:
    """Return the rows that the template shows; an unknown choice becomes the first one.

    Lists are kept for 35 days: over 13 weeks there are pitches alone, and these carry no model.
    """
    span = span if span in SPANS else "month"
    choices = [name for name in DIMENSIONS if span == "month" or name in GROUPS]
    by = by if by in choices else choices[0]
    chosen = {"by": by, "span": span, "choices": choices, "names": DIMENSIONS, "spans": SPANS}
    names = products if by == "product" else {}
    if span == "month":
        rows = _stage_rows(figures.funnel.by[by], names)
        total = figures.funnel.total
        return chosen | {"rows": rows, "funnel": figures.funnel, "total": total, "won": _won(total)}
    cohorts = figures.pitches.windows["quarter"][by]
    total_cohort = figures.pitches.total("quarter")
    return chosen | {"rows": _cohort_rows(cohorts, names), "cohort": total_cohort, "won": _share(total_cohort)}


def _stage_rows(found: Mapping[str, Stages], names: Mapping[str, str]) -> list[tuple[str, Stages, Proportion]]:
    largest = sorted(found.items(), key=lambda one: (-one[1].listed, one[0]))[:MOST_ROWS]
    return [(_name(value, names), stages, _won(stages)) for value, stages in largest]


def _cohort_rows(found: Mapping[str, Cohort], names: Mapping[str, str]) -> list[tuple[str, Cohort, Proportion]]:
    largest = sorted(found.items(), key=lambda one: (-one[1].pitches, one[0]))[:MOST_ROWS]
    return [(_name(value, names), cohort, _share(cohort)) for value, cohort in largest]


def _won(stages: Stages) -> Proportion:
    return proportion(stages.won, stages.pitched)


def _share(cohort: Cohort) -> Proportion:
    return proportion(cohort.won, cohort.pitches)


def _name(value: str, names: Mapping[str, str]) -> str:
    return names.get(value, value) or _("not known")
