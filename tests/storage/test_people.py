"""People: stored by the log-in, blocked by an administrator of their tenant."""

import pytest

from dog.errors import NotFound, Unauthenticated
from dog.storage.connection import Redis
from dog.storage.people import Person, block_person, find_person, list_people, note_log_in, person_id_of
from tests.conftest import NOW


def ann(role: str = "rep") -> Person:
    return Person(
        person_id=person_id_of(issuer="https://id.example", subject="1"),
        tenant="shop",
        name="Ann",
        email="ann@example.com",
        role="rep" if role == "rep" else "admin",
        last_log_in="2026-11-20T12:00:00+00:00",
    )


def test_a_log_in_stores_the_role_of_that_moment(redis: Redis) -> None:
    note_log_in(redis, ann())
    note_log_in(redis, ann("admin"))

    assert find_person(redis, ann().person_id).role == "admin"
    assert list_people(redis, "shop") == [ann("admin")]
    assert list_people(redis, "other") == []


def test_a_blocked_person_stays_out_until_it_is_unblocked(redis: Redis) -> None:
    note_log_in(redis, ann())
    block_person(redis, "shop", ann().person_id, NOW)

    with pytest.raises(Unauthenticated):
        find_person(redis, ann().person_id)
    with pytest.raises(Unauthenticated):
        note_log_in(redis, ann())
    block_person(redis, "shop", ann().person_id, None)
    assert find_person(redis, ann().person_id) == ann()


def test_a_person_of_another_tenant_is_not_found(redis: Redis) -> None:
    note_log_in(redis, ann())

    with pytest.raises(NotFound):
        block_person(redis, "other", ann().person_id, NOW)
