import pytest

from dog import errors
from dog.api.problems import status_of


def kinds() -> list[type[errors.DogError]]:
    found: list[type[errors.DogError]] = []
    waiting = [errors.DogError]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            found.append(kind)
            waiting.append(kind)
    return found


OURS = [kind for kind in kinds() if kind.__module__ == "dog.errors"]


def test_no_two_kinds_of_errors_share_a_code() -> None:
    codes = [kind.code for kind in OURS]

    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    "kind", [kind for kind in kinds() if kind.__module__ == "dog.errors"], ids=lambda k: k.__name__
)
def test_every_kind_that_can_be_answered_has_a_status(kind: type[errors.DogError]) -> None:
    if kind not in (errors.StoreError, errors.InvalidSettings):
        assert 400 <= status_of(kind("it went wrong")) < 600


def test_a_code_given_with_the_error_replaces_that_of_its_kind() -> None:
    assert errors.NotFound("gone", code="unknown_job").code == "unknown_job"
    assert errors.NotFound("gone").code == "not_found"
