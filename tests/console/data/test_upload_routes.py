"""A file is uploaded in parts, mapped, rehearsed, loaded, undone; its rejected rows are downloaded."""

from collections.abc import Callable

from flask.testing import FlaskClient

from dog.storage.catalogue import read_catalogue
from dog.storage.load_records import list_loads
from dog.storage.store import Store
from tests.console.conftest import ORIGIN

Open = Callable[..., FlaskClient]
CONTENT = b"Artikelnr;Name;Preis\np1;Fax;1,50\n;None;2,00\n"


def upload(client: FlaskClient, kind: str = "products", name: str = "p.csv") -> str:
    begun = client.post("/console/data/uploads", data={"kind": kind, "name": name}, headers=ORIGIN)
    path = f"/console/data/uploads/{begun.get_json()['id']}"
    for offset in range(0, len(CONTENT), 20):
        part = CONTENT[offset : offset + 20]
        assert client.post(f"{path}/parts?offset={offset}", data=part, headers=ORIGIN).status_code == 200
    return path


def finished(client: FlaskClient, path: str) -> str:
    while "hx-trigger" in (text := client.get(f"{path}/task").text):
        pass
    return text


def test_a_file_is_rehearsed_loaded_and_undone(log_in: Open, store: Store) -> None:
    client = log_in()
    path = upload(client)
    form = client.get(path).text
    chosen = {"column-0": "product_id", "column-1": "name", "column-2": "value", "decimal": ""}
    client.post(f"{path}/rehearse", data=chosen, headers=ORIGIN)
    rehearsed = finished(client, path)
    assert list_loads(store) == []
    client.post(f"{path}/load", headers=ORIGIN)
    loaded = finished(client, path)
    with client.get(f"{path}/rejected") as rejected:
        sent = rejected.data.decode("utf-8-sig")
    client.post(f"/console/data/loads/{list_loads(store)[0].load_id}/undo", headers=ORIGIN)

    assert "<option selected>product_id</option>" in form
    assert "p1, " not in form
    assert "delimiter ;" in rehearsed
    assert "line 3: " in rehearsed
    assert 'id="undo-load"' in loaded
    assert sent.startswith("line;code;reason;Artikelnr")
    assert "attachment" in rejected.headers["Content-Disposition"]
    assert not read_catalogue(store).has_rows


def test_a_load_needs_a_rehearsal_and_a_part_its_place(log_in: Open) -> None:
    client = log_in()
    path = upload(client)

    assert client.post(f"{path}/load", headers=ORIGIN).status_code == 409
    assert client.post(f"{path}/parts?offset=9999", data=b"x", headers=ORIGIN).status_code == 409
    assert client.post(f"{path}/parts?offset=-1", data=b"x", headers=ORIGIN).status_code == 422
    assert client.get(f"{path}/rejected").status_code == 404
    assert client.get("/console/data/uploads/0123456789abcdef").status_code == 404


def test_only_administrators_upload(log_in: Open) -> None:
    path, other = upload(log_in()), log_in("read", "feedback")

    assert other.post("/console/data/uploads", data={"kind": "products"}, headers=ORIGIN).status_code == 403
    for method, end in (("GET", ""), ("GET", "/task"), ("GET", "/rejected"), ("POST", "/load"), ("POST", "/rehearse")):
        assert other.open(path + end, method=method, headers=ORIGIN).status_code == 403
