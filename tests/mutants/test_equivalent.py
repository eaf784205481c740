"""Every entry of `equivalent.toml` stands for a change of today's code, and has a reason."""

from tests.mutants.__main__ import EQUIVALENT
from tests.mutants.changes import changes_of
from tests.mutants.trials import ROOT


def test_every_equivalent_change_is_there_with_its_reason() -> None:
    made = {
        file: {change.says for change in changes_of((ROOT / file).read_text("utf-8"), is_lua=file.endswith(".lua"))}
        for file in EQUIVALENT
        if file != "*"
    }

    assert [(file, says) for file in made for says in EQUIVALENT[file] if says not in made[file]] == []
    assert all(reason for known in EQUIVALENT.values() for reason in known.values())
