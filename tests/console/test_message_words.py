"""Messages of the service in German; each form, also of a report, is a text that the service has."""

import ast
import re
from pathlib import Path

import pytest
from flask import Flask

from dog.console import message_words
from dog.console.message_words import message_words as in_words
from dog.console.text_forms import PLACEHOLDER
from dog.console.texts import LOCALES
from dog.services.lists.unknown_names import KINDS, UnknownName
from dog.services.runtime import Runtime

DOG = LOCALES.parent.parent
OWN = Path(message_words.__file__)
FORM_MODULES = (OWN, *(OWN.parent / "runs").glob("*_forms.py"))
LEAST_WORDS = 2
COMPOSED = {
    "1 contact",
    "1 event",
    "contacts, at least",
    "effective rows, at least",
    "rewarded rows that the policy could have served, at least",
    "rows, at least",
    "start: no purchase and no win yet; products are ordered by value.",
    "the memory of past cases is not proved, and not used",
    "the memory of past cases is proved, with a trust of",
    "the contact rests until",
    "the account rests until",
    "days), or raise the limit of rule",
    "occurred_at is more than 5 minutes in the future; check the sender's clock",
}
"""What the service puts together from two texts."""


@pytest.fixture
def german(runtime: Runtime) -> Flask:
    app = Flask("console")
    app.extensions["dog"] = runtime
    return app


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("the contact rests until 2026-12-13T06:00:00Z: it was discarded", "der Kontakt ruht bis 13. Dez., 06:00: "),
        (
            "wait until there are fewer than 3 (pitch by contact within 7 days), or raise the limit of rule r1",
            "warten, bis es weniger als 3 sind (Angebot je Kontakt in 7 Tagen), oder die Grenze der Regel r1 anheben",
        ),
        (
            "1200 eligible options score higher; the list ends at 0.123457",
            "1.200 zulässige Optionen haben einen höheren Score; die Liste endet bei 0,123457",
        ),
        ("product 'a 'b' c' is not loaded; did you mean 'd'?", "Produkt „a 'b' c“ ist nicht geladen; meinten Sie „d“?"),
        ("evaluate is running already; see: dog jobs list", "evaluate läuft schon; "),
        ("policy 'a b' is not active; active are c, d", "das Regelwerk „a b“ ist nicht wirksam; wirksam sind c, d"),
        ("anything else", "anything else"),
    ],
)
def test_a_message_is_german_with_its_values(german: Flask, message: str, told: str) -> None:
    with german.test_request_context(headers={"Accept-Language": "de"}):
        assert in_words(message).startswith(told)


@pytest.mark.parametrize("kind", KINDS)
def test_each_warning_of_an_unknown_name_is_german(german: Flask, kind: str) -> None:
    message = UnknownName(kind, "x", near="y").message
    with german.test_request_context(headers={"Accept-Language": "de"}):
        assert "„x“" in in_words(message)
        assert "„y“" in in_words(message)


def test_each_form_is_a_text_of_the_service() -> None:
    forms = [form for path in FORM_MODULES for form in marked(path)]
    whole = [PLACEHOLDER.sub("\0", form).replace("%%", "%") for form in forms]
    pieces = {piece.strip(" ';:,()") for form in whole for piece in re.split(r"\0|(?<=\.) ", form)}
    texts = "\n".join(text for path in DOG.rglob("*.py") if path not in FORM_MODULES for text in literals(path))

    assert {piece for piece in pieces if len(piece.split()) >= LEAST_WORDS and piece not in texts} == COMPOSED


def marked(path: Path) -> list[str]:
    """Return the forms of a module: what it gives to `N_`."""
    return [
        node.args[0].value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_"
        if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    ]


def literals(path: Path) -> list[str]:
    """Return the strings of a module, and the pieces of those that are formatted."""
    tree = ast.parse(path.read_text("utf-8"))
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
