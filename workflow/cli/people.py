"""The register of people: `people list` and `people load`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflow.cli.options import command, two_times, write_from, writing
from workflow.cli.output import Screen
from workflow.cli.shapes import listing
from workflow.errors import N_, InvalidInput

if TYPE_CHECKING:
    from datetime import date

    from workflow.cli.settings import Settings
    from workflow.people import Register

MAX_BYTES = 1024 * 1024


@command(example="workflow people list")
@two_times
def list_people(settings: Settings, on: date | None) -> None:
    """List the people of the register in force, with their units and offices on that day."""
    register, day = settings.service.register, on or settings.today()
    screen = Screen(settings)
    people = [_person(register, screen, person, day) for person, fact in register.persons.items() if fact.holds(day)]
    if settings.as_json:
        screen.json(listing("people", people))
    elif people:
        headers = [N_("person"), N_("name"), N_("unit"), N_("offices and roles")]
        screen.table(headers, [(p["id"], p["name"], p["unit_name"], ", ".join(p["offices"])) for p in people])
    else:
        screen.say(N_("No people are taken in yet: `workflow people load --as YOU`."))


def _person(register: Register, screen: Screen, person: str, day: date) -> dict[str, Any]:
    fact = register.persons[person]
    held = [ref for ref in (*register.offices, *register.roles) if person in register.holders(ref, day)]
    return {
        "id": person,
        "name": fact.name,
        "unit": fact.unit,
        "unit_name": screen.title(register.name(fact.unit)),
        "offices": held,
        "login": fact.login,
    }


@command(example="workflow people load --as van-thu")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@writing
def load(settings: Settings, file: Path | None, **options: Any) -> None:
    """Take in FILE (else the workspace's people.yaml); from then on it counts."""
    write = write_from(settings, options)
    workspace = settings.opened
    workspace.make_database()
    file = file or workspace.settings.people
    text = _text(file)
    renamed = settings.service.renamed_units(text, file.name)
    version = settings.service.load_people(text, file.name, write)
    screen = Screen(settings)
    for unit in renamed:
        screen.say(
            N_(
                "Note: `{unit}` has another name now, in its closed work too. A unit that was renamed gets a new id "
                "and stands as `successor` of the old one; a slip of the pen needs no more."
            ),
            unit=unit,
        )
    if settings.as_json:
        screen.json({"id": version, "file": str(file), "dry_run": write.dry_run, "renamed": list(renamed)})
    elif write.dry_run:
        screen.say(N_("This was a trial run: nothing was written."))
    else:
        screen.line(screen.words(N_("{file} counts from now on, version {version}."), file=file, version=version))


def _text(file: Path) -> bytes:
    # One byte more than allowed shows that a file is too large, without reading all of it.
    with file.open("rb") as stream:
        text = stream.read(MAX_BYTES + 1)
    if len(text) > MAX_BYTES:
        raise InvalidInput(N_("{file} is larger than {limit} bytes."), file=file, limit=MAX_BYTES)
    return text
