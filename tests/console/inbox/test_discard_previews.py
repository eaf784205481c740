"""The second part of a reason, as a rep sees it."""

import re
from collections.abc import Callable
from html import unescape

from dog.services.runtime import Runtime
from tests.console.inbox.conftest import Rep
from tests.console.test_verdicts_page import discard_for_the_market


def reasons(rep: Rep) -> list[str]:
    """Read the second parts of the first card's reasons, in the order of their keys."""
    first = rep.open("c1").partition("</article>")[0]
    return [unescape(does) for does in re.findall(r'<span class="does">([^<]*)</span>', first)]


def test_each_reason_names_what_it_does_before_it_is_pressed(rep: Rep) -> None:
    assert reasons(rep) == [
        "rests Fax machine for Ann Miller for 14 days, then lowers it",
        "rests Fax machine for Ann Miller; 1 more vote lowers the category office in segment gold",
        "rests Fax machine for Ann Miller; 2 more of your verdicts lower the category office in your lists",
        "rests Fax machine for Ann Miller for 14 days, then lowers it",
        "rests Ann Miller for 14 days",
        "rests all contacts of account a1 for 14 days",
        "rests Fax machine for Ann Miller; 1 more lowers this model for this contact",
        "rests Fax machine for Ann Miller; call is chosen last for this contact",
        "rests Fax machine for Ann Miller; morning is chosen last for this contact",
        "rests Fax machine for Ann Miller for 14 days, then lowers it",
    ]


def test_the_votes_so_far_change_what_a_reason_says(rep: Rep, runtime: Runtime) -> None:
    discard_for_the_market(runtime, 0, "c2")
    one = reasons(rep)[1]
    discard_for_the_market(runtime, 1, "c2")

    assert one.endswith("; lowers the category office in segment gold; 1 more vote lowers it for everybody")
    assert reasons(rep)[1].endswith("; lowers the category office for everybody")


def test_the_label_of_an_admin_names_everybody(log_in: Callable[..., Rep]) -> None:
    told = reasons(log_in("feedback", "admin"))[2]

    assert told == "rests Fax machine for Ann Miller; lowers the category office for everybody"
