from dog.core.bounded_cache import remember


def test_a_cache_holds_at_most_so_many_values_and_the_last_among_them() -> None:
    cache: dict[int, str] = {}

    for number in range(10):
        assert remember(cache, number, str(number), most=3) == str(number)
        assert len(cache) <= 3
        assert cache[number] == str(number)
