"""RateLimits: what a key may ask for, and what other tenants do not have to wait for."""

from dataclasses import dataclass
from pathlib import Path

from dog.services.operations.rate_limits import DEFAULT_PER_SECOND, RateLimits
from dog.storage.api_keys import ApiKey


@dataclass
class Seconds:
    """A clock that only the test moves."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def key(name: str, tenant: str = "mine", per_second: int | None = None) -> ApiKey:
    return ApiKey(key_id=name, tenant=tenant, name="", scopes=(), sha256="", created_at="", per_second=per_second)


def let_in(limits: RateLimits, asking: ApiKey, times: int) -> int:
    return sum(limits.take(asking).seconds_to_wait == 0 for _ in range(times))


def test_a_key_gets_its_number_at_once_and_then_as_time_earns_it() -> None:
    clock = Seconds()
    limits, mine = RateLimits(None, clock), key("a", per_second=5)
    at_once = let_in(limits, mine, 50)
    refused = limits.take(mine)
    clock.now += 0.4
    later = let_in(limits, mine, 50)

    assert (at_once, later) == (5, 2)
    assert (refused.limit, refused.remaining) == (5, 0)
    assert abs(refused.seconds_to_wait - 0.2) < 1e-6


def test_what_is_left_is_told() -> None:
    limits = RateLimits(None, Seconds())
    left = [limits.take(key("a", per_second=3)).remaining for _ in range(4)]

    assert left == [2, 1, 0, 0]


def test_keys_do_not_use_up_each_others_number() -> None:
    limits = RateLimits(None, Seconds())

    assert [let_in(limits, key(name, per_second=5), 50) for name in ("a", "b")] == [5, 5]


def test_a_key_without_a_number_is_held_to_the_default_only_while_another_tenant_asks() -> None:
    clock = Seconds()
    limits, mine, other = RateLimits(None, clock), key("a"), key("b", "other")
    alone = let_in(limits, mine, 5 * DEFAULT_PER_SECOND)
    limits.take(other)
    beside = let_in(limits, mine, 50)
    clock.now += 0.5
    limits.take(other)
    earned = let_in(limits, mine, DEFAULT_PER_SECOND)
    clock.now += 2
    alone_again = let_in(limits, mine, 5 * DEFAULT_PER_SECOND)

    assert (alone, beside, earned, alone_again) == (
        5 * DEFAULT_PER_SECOND,
        0,
        DEFAULT_PER_SECOND // 2,
        5 * DEFAULT_PER_SECOND,
    )


def test_a_large_call_is_paid_for_by_the_next_ones() -> None:
    clock = Seconds()
    limits, mine = RateLimits(None, clock), key("a", per_second=10)
    limits.take(mine)
    limits.charge(mine, 29)  # 30 in all: 10 at hand, 20 to be earned

    assert abs(limits.take(mine).seconds_to_wait - 2.1) < 1e-6


def test_the_workers_of_a_server_count_together(tmp_path: Path) -> None:
    clock, mine = Seconds(), key("a", per_second=7)
    workers = [RateLimits(tmp_path, clock) for _ in range(3)]

    assert sum(let_in(worker, mine, 50) for worker in workers) == 7
