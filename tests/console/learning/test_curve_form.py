"""The form of a curve holds a policy's settings, and gives them back."""

from typing import Any

import pytest

from dog.console.learning.curve_form import changed_document, form_values, read_settings
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.errors import InvalidPolicy


def document(**settings: Any) -> dict[str, Any]:
    return {"name": "p", "reinforcement": Reinforcement(**settings).to_document()}


def sent(of: dict[str, Any], **changes: str) -> dict[str, str]:
    """Return what a browser sends of a form: sliders rounded to their steps."""
    values = {name: str(round(v, 2) if isinstance(v, float) else v) for name, v in form_values(of).items()}
    return {**values, **changes}


@pytest.mark.parametrize(
    "settings",
    [{}, {"neutral": 0.25, "family": "linear"}, {"neutral": "global", "on": "odds"}, {"trust": (0.25, 0.5)}],
)
def test_a_form_that_nobody_touched_changes_no_setting(settings: dict[str, Any]) -> None:
    given = document(**settings)

    assert read_settings(changed_document(given, sent(given))) == Reinforcement(**settings)


def test_what_does_not_go_with_expected_wins_is_set_back() -> None:
    given = document(neutral="global", family="linear", rate="raw")
    settings = read_settings(changed_document(given, sent(given, neutral="expected")))

    assert (settings.neutral, settings.family, settings.rate) == ("expected", "ratio", "shrunk")


def test_a_setting_out_of_range_is_refused_at_its_place() -> None:
    given = document()

    with pytest.raises(InvalidPolicy, match="/reinforcement/a_max"):
        read_settings(changed_document(given, sent(given, a_max="0.5")))


def test_a_form_that_lacks_a_setting_is_refused() -> None:
    with pytest.raises(InvalidPolicy, match="load the page again"):
        changed_document(document(), {"neutral": "expected"})
