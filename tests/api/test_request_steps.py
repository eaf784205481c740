from dog.api.request_steps import FOR_BROWSERS, answer_headers, bearer_key, request_id_of
from dog.services.operations.rate_limits import Allowance


def test_a_key_is_what_follows_bearer_in_any_case() -> None:
    given = ["Bearer k", "bearer  k ", "BEARER k", "Basic k", "Bearer", "", "k"]

    assert [bearer_key(each) for each in given] == ["k", "k", "k", "", "", "", ""]


def test_a_request_id_is_the_clients_if_it_is_harmless() -> None:
    assert request_id_of("night-call.7") == "night-call.7"
    assert {len(request_id_of(given)) for given in ("", "a b", "x" * 129, "a\n")} == {16}


def test_what_is_left_of_a_limit_is_told_in_whole_numbers() -> None:
    told = dict(answer_headers("r", Allowance(limit=5, remaining=0, seconds_to_full=1.2, seconds_to_wait=0.1)))

    assert told == {
        "X-Request-Id": "r",
        **dict(FOR_BROWSERS),
        "Cache-Control": "no-store",
        "RateLimit-Limit": "5",
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": "2",
        "RateLimit-Policy": '"key";q=5;w=1',
        "RateLimit": '"key";r=0;t=2',
        "Retry-After": "1",
    }
    assert answer_headers("r", None) == [("X-Request-Id", "r"), *FOR_BROWSERS]
    assert dict(FOR_BROWSERS)["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in dict(FOR_BROWSERS)["Content-Security-Policy"]
