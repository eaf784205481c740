"""What is written as TOML reads as the document it was."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from dog.console.policies.toml_writer import write_toml
from dog.services.runtime import Runtime
from dog.storage.policy_files import read_policy_toml

PLAIN = st.one_of(
    st.text(max_size=20), st.integers(-9, 9), st.booleans(), st.floats(allow_nan=False, allow_infinity=False)
)


@given(
    st.dictionaries(
        st.text(max_size=8), st.one_of(PLAIN, st.lists(PLAIN, min_size=1), st.dictionaries(st.text(), PLAIN))
    )
)
def test_what_is_written_as_toml_reads_as_it_was(document: dict[str, object]) -> None:
    assert tomllib.loads(write_toml(document)) == document


def test_a_shipped_policy_written_as_toml_is_the_same_policy(runtime: Runtime) -> None:
    text = (runtime.settings.policy_dir / "recommended.toml").read_text("utf-8")
    policy = read_policy_toml(text)

    assert read_policy_toml(write_toml(policy.to_document())) == policy
