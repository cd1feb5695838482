"""Pick lists: a missing word is asked for on a terminal, and only there."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from workflow.cli.failures import say
from workflow.cli.output import clean, padded, width
from workflow.errors import N_

if TYPE_CHECKING:
    from workflow.catalogue import Catalogue

Choice = tuple[str, str]
"""(the word, what it means)"""


def may_ask() -> bool:
    """True if a person sits at the keyboard; scripts and pipes are never asked."""
    return sys.stdin.isatty()


def pick(catalogue: Catalogue, question: str, choices: Sequence[Choice]) -> str:
    """Ask for one of *choices* by number or word, on standard error, until one of them is given."""
    say(question)
    longest = max(width(word) for word, _ in choices)
    for number, (word, meaning) in enumerate(choices, 1):
        say(f"  {number:>3}  {padded(word, longest)}  {clean(meaning)}".rstrip())
    words = [word for word, _ in choices]

    while True:
        answer = ask(catalogue.message(N_("Number or word"))).strip()
        if answer in words:
            return answer
        if answer.isdecimal() and 1 <= int(answer) <= len(words):
            return words[int(answer) - 1]
        say(catalogue.message(N_("Give a number from 1 to {last}."), last=len(words)))


def ask(question: str) -> str:
    """Ask for a text on standard error."""
    answer: str = click.prompt(question, err=True)
    return answer
