import doctest
from pathlib import Path


def test_the_examples_of_the_mathematics_page_come_out_as_printed() -> None:
    page = Path(__file__).parents[2] / "docs" / "explanation" / "mathematics.md"

    failed, tried = doctest.testfile(str(page), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)

    assert tried > 15
    assert failed == 0
