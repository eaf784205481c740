"""Reports and outcomes of runs in the reader's language; what has no form stays English, as commands print it."""

import re
from html import escape, unescape

from dog.console.runs.evaluation_forms import ADVICE, OF_ADVICE
from dog.console.runs.proof_forms import OF_OUTCOMES, OUTCOMES
from dog.console.runs.report_forms import OF_TEXTS, TEXTS
from dog.console.text_forms import TextForms
from dog.console.texts import language

_SENTENCES = TextForms(*OUTCOMES, *ADVICE, **{**OF_ADVICE, **OF_OUTCOMES})
_TEXTS = TextForms(*TEXTS, **OF_TEXTS)
_OF_PAGE = re.compile(r'(?<=>)[^<>]+(?=<)|(?<=aria-label=")[^"]+(?=")')
"""Texts of a page, between its elements and in labels."""


def outcome_words(outcome: str) -> str:
    """Return the outcome of a run, or the sentence of a proof, in the reader's language."""
    written = _SENTENCES.write(outcome)
    return written if written != outcome else _SENTENCES.write_sentences(outcome)


def report_words(parts: str) -> str:
    """Return the parts of a report, as HTML, in the reader's language."""
    return parts if language() == "en" else _OF_PAGE.sub(_write, parts)


def _write(found: re.Match[str]) -> str:
    text = unescape(found[0]).strip()
    written = _TEXTS.write(text)
    if written == text:
        written = _SENTENCES.write(text)
    return found[0] if written == text else escape(written)
