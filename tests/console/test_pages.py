"""The navigation names each page once, with a scope that keys can have; pages lead to first steps while empty."""

from collections.abc import Callable

from flask.testing import FlaskClient

from dog.console.pages import PAGES
from dog.services.runtime import Runtime
from dog.storage.api_keys import SCOPES
from dog.storage.store import Store
from tests.commands import recorded_commands


def test_each_page_is_listed_once_with_a_known_scope() -> None:
    assert len({page.path for page in PAGES}) == len({page.name for page in PAGES}) == len(PAGES)
    assert {page.scope for page in PAGES} <= set(SCOPES)


def test_a_page_does_not_ask_redis_whether_anything_is_loaded_once_something_is(
    shop: Store, log_in: Callable[..., FlaskClient], runtime: Runtime
) -> None:
    client = log_in()
    first = client.get("/console/people").text
    with recorded_commands(runtime.redis) as commands:
        second = client.get("/console/people").text

    assert "Nothing is loaded yet." not in first + second
    assert shop.keys.of("head").decode() not in {words[1] for words in commands}
