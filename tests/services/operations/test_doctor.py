from dog.services.data.import_rows import import_rows
from dog.services.operations.doctor import run_doctor
from dog.services.publishing.publish_policy import make_default, publish_policy
from dog.services.runtime import Runtime
from dog.storage.store import Store


def found(runtime: Runtime) -> dict[str, str]:
    return {one.about: one.says for one in run_doctor(runtime, "default")}


def test_it_says_how_long_the_laps_of_each_policy_take(runtime: Runtime, loaded: Store) -> None:
    assert loaded is not None
    told = found(runtime)

    assert told["recursions of recommended"].startswith("No list was served in the last 4 weeks")
    assert told["recursions of published"].startswith("No list was served in the last 4 weeks")


def test_it_notices_transactions_that_were_never_counted(runtime: Runtime, loaded: Store) -> None:
    bought = [{"contact_id": "c1", "product_id": "p1", "occurred_at": "2026-11-11T10:00:00Z"}]
    import_rows(loaded, "transactions", bought, runtime.settings.zone)
    before = found(runtime)
    loaded.execute("DEL", loaded.tenant.partition(loaded.tenant.contact("c1")).of("purchases"))

    assert "purchases" not in before
    assert "earlier version" in found(runtime)["purchases"]


def test_it_names_models_without_a_policy_and_policies_without_their_models(runtime: Runtime, loaded: Store) -> None:
    rows = [{"contact_id": "c1", "product_id": "p1", "model": "leads", "score": 0.4, "as_of": "2026-11-01"}]
    import_rows(loaded, "scores", rows, runtime.settings.zone)
    own = b'name = "own"\n[models]\nleads = {weight = 1}\nclicks = {weight = 1}\n'
    before = found(runtime)
    publish_policy(runtime, "default", "own", own, author="test", comment="")
    beside = found(runtime)
    make_default(runtime, "default", "own")
    after = {one.about: one for one in run_doctor(runtime, "default")}

    assert before["model leads"].endswith("no active policy uses it")
    assert not beside["model leads"].endswith("no active policy uses it")
    assert beside["policy"] == "recommended serves requests that name no policy; active too: own, published"
    assert beside["models of own"] == "no scores of clicks"
    assert (after["policy"].says, after["policy"].ok) == (
        "own serves requests that name no policy; active too: published, recommended",
        True,
    )
    assert (after["models of own"].says, after["models of own"].ok) == ("no scores of clicks", False)
