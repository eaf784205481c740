from tests.cli.conftest import Command


def test_doctor_says_what_is_missing_and_how_to_mend_it(run: Command) -> None:
    run("dog", "keys", "create")
    done = run("dog", "doctor")

    assert done.returncode == 1
    assert "dog load products FILE" in done.stdout
    assert "append-only file on" in done.stdout


def test_doctor_says_what_to_do_while_redis_is_away(run: Command) -> None:
    done = run("dog", "doctor", DOG_REDIS_URL="redis://:hidden@127.0.0.1:1/0")

    assert done.returncode == 1
    assert "FIX server: Redis: " in done.stdout
    assert "start that Redis, or fix DOG_REDIS_URL" in done.stdout
    assert "hidden" not in done.stdout + done.stderr
