"""The navigation names each page once, with a scope that keys can have."""

from dog.console.pages import PAGES
from dog.storage.api_keys import SCOPES


def test_each_page_is_listed_once_with_a_known_scope() -> None:
    assert len({page.path for page in PAGES}) == len({page.name for page in PAGES}) == len(PAGES)
    assert {page.scope for page in PAGES} <= set(SCOPES)
