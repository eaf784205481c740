"""What the inbox's script asks, and what is kept of what it sends."""

from collections.abc import Callable

from tests.console.inbox.conftest import Rep


def test_a_key_without_the_scope_sees_no_inbox(log_in: Callable[..., Rep]) -> None:
    analyst = log_in("read")

    assert analyst.get("/inbox/contact", contact_id="c1", decision_id="d1").status_code == 403
