from pathlib import Path

from dog.cli.policy_version_commands import _publication
from tests.cli.conftest import Command

PRODUCTS = "product_id,name\np1,Fax\np2,Desk\n"
CONTACTS = "contact_id\nc1\n"
SCORES = "contact_id,product_id,model,score,as_of\nc1,p1,leads,0.4,2026-11-01\nc1,p2,leads,0.2,2026-11-01\n"
OWN = 'name = "own"\n[models]\nleads = {weight = 1}\n'


def load(run: Command, folder: Path) -> None:
    for kind, text in (("products", PRODUCTS), ("contacts", CONTACTS), ("scores", SCORES)):
        (folder / f"{kind}.csv").write_text(text)
        assert run("dog", "load", kind, str(folder / f"{kind}.csv")).returncode == 0


def test_an_own_policy_serves_once_it_is_the_default(run: Command, tmp_path: Path) -> None:
    load(run, tmp_path)
    (tmp_path / "own.toml").write_text(OWN)
    beside = run("dog", "policy", "publish", str(tmp_path / "own.toml")).stdout.splitlines()
    before = run("dog", "policy", "default").stdout
    published = run("dog", "policy", "publish", str(tmp_path / "own.toml"), "--default").stdout.splitlines()
    served = run("dog", "recommend", "c1").stdout

    change = "to change that: dog policy default own"
    version = beside[0].split()[1]
    assert beside == [
        f"own {version} is active",
        f"requests get it by policy=own; those that name none get 'recommended' ({change})",
    ]
    assert before == "recommended\n"
    assert published == [f"own {version} is active", "it serves the requests that name no policy"]
    assert "policy own" in served
    assert run("dog", "policy", "default", "recommended").stdout == "recommended\n"


def test_a_draft_is_activated_by_its_version_and_not_by_a_rollback(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OWN)
    first = run("dog", "policy", "publish", str(file)).stdout.split()[1]
    file.write_text(OWN.replace("1", "2"))
    told = run("dog", "policy", "publish", str(file), "--draft").stdout
    draft = told.split()[1]
    refused = run("dog", "policy", "rollback", "own", draft)
    activated = run("dog", "policy", "activate", "own", draft)
    back = run("dog", "policy", "rollback", "own", first)
    listed = run("dog", "policy", "rollback", "own").stdout.splitlines()

    assert told == f"own {draft} stored as a draft; to activate it: dog policy activate own {draft}\n"
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"error: version {draft} was never active; to activate it: dog policy activate own {draft}\n"
    )
    assert activated.stdout == f"own {draft} is active\n"
    assert back.stdout == f"own {first} is active\n"
    assert {line.split()[0]: line.split()[3] for line in listed} == {first: "active", draft: "earlier"}


def test_the_list_of_versions_names_who_published_the_draft_of_another() -> None:
    row = {"author": "ann", "comment": "try", "published_by": "ben", "published_comment": ""}

    assert _publication(row) == " (published by ben)"
    assert _publication(row | {"published_comment": "approved"}) == " (published by ben: approved)"
    assert _publication(row | {"published_by": "ann"}) == _publication(row | {"published_by": None}) == ""


def test_a_draft_cannot_be_the_default(run: Command, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN)
    refused = run("dog", "policy", "publish", str(tmp_path / "own.toml"), "--draft", "--default")

    assert refused.returncode == 2
    assert "a draft cannot be the default; leave out --draft or --default" in refused.stderr
    run("dog", "policy", "publish", str(tmp_path / "own.toml"))
    assert run("dog", "policy", "activate", "own", "0" * 16).stderr == (
        f"error: policy 'own' has no version '{'0' * 16}'\n"
    )
