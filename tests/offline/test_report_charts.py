"""Charts are files of their own, and parts of a page that takes no styles and is light or dark."""

import re
from xml.etree import ElementTree as ET

from dog.offline.evaluation.evaluation_charts import draw_importance
from dog.offline.report_charts import CHART_COLOURS, INK, ON_DARK, as_svg, new_figure, picture, pictures
from dog.services.svg_charts import sketch_bars

HOSTILE = 'a & b</svg><script>alert(1)</script>" onload="x'


def drawing() -> bytes:
    figure, axes = new_figure()
    for number, colour in enumerate(CHART_COLOURS):
        axes.errorbar([0, 1], [number, 2], yerr=[0.1, 0.2], fmt="o-", color=colour, alpha=0.6, label=f"{number}")
    axes.axhline(1, color=INK)
    axes.legend(frameon=False)
    return as_svg(figure)


def test_names_with_dollar_signs_are_drawn_as_they_are() -> None:
    figure, axes = new_figure()
    axes.set_yticks([0], [r"5$ \\off for 6$"])

    assert r"5$ \\off for 6$" in as_svg(figure).decode()


def test_the_same_figures_give_the_same_bytes() -> None:
    assert drawing() == drawing()


def test_a_chart_inside_a_page_has_no_styles_and_no_colour_for_light_pages_alone() -> None:
    shown = picture("Gain", drawing())

    assert "style" not in shown
    assert set(re.findall(r'"(#[0-9a-f]{6})"', shown)) == set()
    assert {f"light-dark({colour}, {ON_DARK[colour]})" for colour in CHART_COLOURS} <= set(
        re.findall(r'"(light-dark[^"]*)"', shown)
    )


def test_a_chart_inside_a_page_is_well_formed_has_a_name_and_repeats_no_id_of_its_own() -> None:
    root = ET.fromstring(picture("Gain & lift", drawing()))
    ids = [one.attrib["id"] for one in root.iter() if "id" in one.attrib]

    assert (root.attrib["role"], root.attrib["aria-label"]) == ("img", "Gain & lift")
    assert len(ids) == len(set(ids))
    assert not [one for one in ids if one.startswith(("figure", "axes", "line2d", "text"))]


def test_charts_stand_side_by_side_each_under_its_title() -> None:
    [shown] = pictures({"one": ("A & B", drawing()), "two": ("C", drawing())}, "one", "not drawn", "two")

    assert [figure.findtext("figcaption") for figure in ET.fromstring(shown)] == ["A & B", "C"]
    assert list(pictures({}, "one")) == []


def test_small_charts_of_other_runs_are_shown_by_the_same_function() -> None:
    shown = picture("Pairs", sketch_bars("Pairs", {"up": 3, "down": 1}))

    assert "background" not in shown
    assert 'fill="light-dark(#2f6fab, #6db5f0)"' in shown


def test_names_inside_a_chart_and_its_title_are_text() -> None:
    shown = "".join(pictures({"one": (HOSTILE, draw_importance({"auc": 0.7, HOSTILE: 0.1}))}, "one", "not drawn"))

    assert "<script" not in shown
    assert 'aria-label="a &amp; b&lt;/svg&gt;' in shown
