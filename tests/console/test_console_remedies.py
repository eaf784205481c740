"""A message in the console names what the console has: a page or button, no command that has one, no option."""

import pytest
from flask import Flask

from dog.console.console_remedies import console_remedies
from dog.services.runtime import Runtime


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("evaluate is running already; see: dog jobs list", "evaluate is running already; see: page Desk"),
        (
            "no contact is loaded; a preview needs some: dog load contacts FILE",
            "no contact is loaded; a preview needs some: page Data",
        ),
        (
            "load scores that are as old as the pitches (--trust-scores takes newer ones)",
            "load scores that are as old as the pitches",
        ),
        (
            "a proof is required: dog policy prove FILE --against web (dog policy require-proof)",
            "a proof is required: button Prove the draft (page Settings)",
        ),
        ("it is too large; load it with: dog load", "it is too large; load it with: dog load"),
        ("nothing is wrong", "nothing is wrong"),
    ],
)
def test_commands_that_the_console_has_a_page_for_are_named_by_it(runtime: Runtime, message: str, shown: str) -> None:
    app = Flask("console")
    app.extensions["dog"] = runtime
    with app.test_request_context():
        assert console_remedies(message) == shown
