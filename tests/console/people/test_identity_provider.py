"""What claims mean: the highest known role, nested claims, names that may be recorded."""

from typing import Any

import pytest

from dog.config import Settings
from dog.console.people.identity_provider import person_of
from dog.errors import Forbidden
from dog.storage.people import Person

CLAIMS = {"iss": "https://id.example", "sub": "1", "name": "Ann"}


def person(settings: Settings, **claims: Any) -> Person:
    return person_of(CLAIMS | claims, settings, "2026-11-20T12:00:00+00:00")


def test_the_highest_role_counts() -> None:
    assert person(Settings(), roles=["analyst", "rep"]).role == "analyst"
    assert person(Settings(), roles="rep").role == "rep"


def test_values_of_a_nested_claim_are_mapped() -> None:
    settings = Settings(oidc_claim="realm_access.groups", oidc_roles="Sales=rep,Sales ops=admin")

    assert person(settings, realm_access={"groups": ["Sales ops", "Canteen"]}).role == "admin"


@pytest.mark.parametrize("roles", [None, [], ["boss"], {"rep": True}, 7, [7]])
def test_without_a_known_role_the_person_is_refused(roles: Any) -> None:
    with pytest.raises(Forbidden, match="has none of rep, analyst, admin"):
        person(Settings(), roles=roles)


def test_a_name_is_printable_and_short_and_the_id_depends_on_issuer_and_subject() -> None:
    one = person(Settings(), roles="rep", name="Ann\n" + "x" * 300)
    other = person(Settings(), roles="rep", name="Bob")

    assert one.name == "Ann" + "x" * 61
    assert one.person_id == other.person_id
    assert person(Settings(), roles="rep", iss="https://other.example").person_id != one.person_id
