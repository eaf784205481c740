"""The rules by which keys are moved; `tests/services/data/test_repartition_tenant.py` moves a tenant by them."""

from dog.storage.keys import REFERENCE
from dog.storage.repartition import COPIED, OF_CONTACT, OF_ENTRIES, STAYING
from dog.storage.tenant_dump import split_key


def test_every_class_of_keys_of_a_partition_is_moved_by_one_rule() -> None:
    classes = {
        pattern.partition("}:")[2].split(":")[0]
        for pattern, *_ in REFERENCE.values()
        if pattern.startswith("dog:{t:p}")
    }
    rules = [*OF_CONTACT, *OF_ENTRIES, *COPIED, *STAYING]

    assert len(rules) == len(set(rules))
    assert classes == set(rules)
    assert split_key(b"dog:{t:12}:laps:2026-W01") == (12, b"laps:2026-W01")
