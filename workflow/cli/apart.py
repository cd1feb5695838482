"""`python -m workflow.cli.apart REQUEST`: the process in which `plugin check` loads and calls a plugin.

It gives the checks what only the command line knows: which options it makes of an action's parameters.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from workflow.catalogue import LANGUAGES, Catalogue
from workflow.cli.act import GENERAL
from workflow.cli.parameters import given_by, options_of
from workflow.errors import N_, Phrase, failure
from workflow.steps.step_type import Action


def faults_of(action: Action) -> Iterator[Phrase]:
    """Say what is wrong with the options that the command line makes of an action's parameters."""
    given = given_by(action, sorted(GENERAL))
    names = [one.option for one in given]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield Phrase(
                N_("action `{action}` has the option `{option}` twice"), {"action": action.name, "option": name}
            )
    for language in LANGUAGES:
        try:
            options = list(options_of(given, Catalogue(language)))
            command = click.Command(action.name, params=list(options))
            command.get_help(click.Context(command))
        except Exception as error:  # noqa: BLE001 - whatever an author's annotation makes of it is told
            params = {"action": action.name, "error": failure(error)}
            yield Phrase(N_("no options can be made of the parameters of `{action}`: {error}"), params)
            return


if __name__ == "__main__":
    from workflow.conformance.apart import main

    main(sys.argv[1:], faults_of)
