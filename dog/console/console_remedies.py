"""Remedies of the console in the place of those of the command line, which the service's messages name."""

import re

from dog.console.texts import N_, _

INSTEAD = (
    (re.compile(r"dog load \w+ FILE|dog loads (?:list|undo \S+)"), N_("page Data")),
    (re.compile(r"dog runs list"), N_("page Runs")),
    (re.compile(r"dog jobs list"), N_("page Desk")),
    (re.compile(r"dog policy prove FILE --against \S+"), N_("button Prove the draft")),
    (re.compile(r"dog policy require-proof"), N_("page Settings")),
    (re.compile(r"dog keys (?:create|list)"), N_("page People")),
)
"""Commands, and the page or button that does the same."""
OPTION = re.compile(r" \(--[a-z-]+ [^)]*\)")
"""An option of a command, which no form has, with what it does."""


def console_remedies(message: str) -> str:
    """Return a message with pages instead of commands, and without options."""
    message = OPTION.sub("", message)
    for command, page in INSTEAD:
        if command.search(message):
            message = command.sub(_(page), message)
    return message
