"""Files of the console are sent small, and kept by browsers as long as they stay the same."""

import gzip

from dog.api.app import create_app
from dog.console.mount import mount_console
from dog.services.runtime import Runtime
from dog.storage.store import Store


def test_scripts_are_packed_for_those_who_take_them_so_and_are_the_same(runtime: Runtime, store: Store) -> None:
    client = mount_console(create_app(runtime), runtime).test_client()
    plain = client.get("/console/static/htmx-2.0.11.min.js?v=1", buffered=True)
    first, second = (
        client.get("/console/static/htmx-2.0.11.min.js?v=1", headers={"Accept-Encoding": "gzip, br"}, buffered=True)
        for _ in range(2)
    )

    assert "Content-Encoding" not in plain.headers
    assert first.headers["Content-Encoding"] == "gzip"
    assert first.headers["Cache-Control"] == "max-age=31536000, immutable"
    assert first.headers["Vary"] == "Accept-Encoding"
    assert len(first.data) < len(plain.data) / 2
    assert gzip.decompress(first.data) == gzip.decompress(second.data) == plain.data


def test_what_a_browser_has_is_not_sent_again(runtime: Runtime, store: Store) -> None:
    client = mount_console(create_app(runtime), runtime).test_client()
    tag = client.get("/console/static/console.css", headers={"Accept-Encoding": "gzip"}, buffered=True).headers["ETag"]
    again = client.get("/console/static/console.css", headers={"If-None-Match": tag}, buffered=True)

    assert again.status_code == 304
    assert again.data == b""
