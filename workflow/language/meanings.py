"""What every key of the language means, in a line: for editors that explain a file while it is written.

The guide for authors (`definitions/README.md`) has the same keys at length, with examples.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from workflow.errors import N_, Phrase
from workflow.language import definition, reminding


def meaning_of(model: type[BaseModel], field: str) -> Phrase | None:
    """Return what a field of the language means; None where it is no field of the language."""
    return next((Phrase(_KEYS[owner][field]) for owner in model.__mro__ if field in _KEYS.get(owner, ())), None)


def name_of(model: type[BaseModel]) -> Phrase | None:
    """Return what a mapping of the language is called; None where it is none of the language."""
    return Phrase(_NAMES[model]) if model in _NAMES else None


_NAMES: Mapping[type, str] = {
    definition.Definition: N_("A definition"),
    definition.Text: N_("Text for people"),
    definition.Policies: N_("Readings of dates"),
    definition.Parameter: N_("A parameter"),
    definition.Document: N_("A document"),
    definition.Basis: N_("A cited document"),
    definition.Recipient: N_("A recipient"),
    definition.Section: N_("A section of the source"),
    definition.After: N_("A term"),
    definition.BackFrom: N_("A day counted back"),
    definition.Stage: N_("A stage"),
    definition.Step: N_("A step"),
    definition.AlongsideStep: N_("A step beside the stages"),
    definition.Until: N_("An end"),
    reminding.Escalation: N_("A rung of escalation"),
    definition.Transition: N_("A transition"),
}
_KEYS: Mapping[type, Mapping[str, str]] = {
    definition.Text: {
        "vi": N_("The text in Vietnamese"),
        "en": N_("Its English twin; where it is missing the Vietnamese is shown"),
    },
    definition.Definition: {
        "workflow": N_("Version of the language; always 1"),
        "id": N_("Name of the definition: small letters a-z, digits and single hyphens"),
        "version": N_("Whole number from 1; raise it for every change after use"),
        "title": N_("What the plan is for"),
        "normative": N_("Whether the product is a normative document"),
        "confidential": N_("Nothing of the plan may be shown to the public"),
        "calendar": N_("Calendar of working days"),
        "number": N_("Number and symbol of the source plan, as written"),
        "issued": N_("When the source was issued, as written"),
        "series": N_("The symbol behind the plan's own number"),
        "issued_by": N_("Who gives numbers; else whoever is in `by`"),
        "signed_by": N_("Who signed the source"),
        "lead": N_("Who leads where no stage or step says otherwise"),
        "with_units": N_("Units that take part"),
        "by": N_("Who may act where no stage, step or transition says otherwise"),
        "policies": N_("How dates are read; what is left out is as the workspace's calendar file says"),
        "parameters": N_("Values given by `workflow create --set name=value`, by id"),
        "documents": N_("Documents of the plan, by id"),
        "bases": N_("Documents that the plan cites (căn cứ)"),
        "recipients": N_("List of recipients (nơi nhận)"),
        "outline": N_("Sections of the source with their own numbers"),
        "stages": N_("The stages in order, by id; a plan begins in the first"),
        "alongside": N_("Steps beside the stages, by id"),
        "note": N_("A remark"),
    },
    definition.Policies: {
        "before": N_('`strict`: "before 15 June" is due on 14 June; `inclusive`: on 15 June'),
        "fixed_day_off": N_("A `due` or `before` day on a day off: `keep` it, or `working-day-before`"),
        "term_day_off": N_("A term in calendar days that ends on a day off: `working-day-after`, or `keep`"),
    },
    definition.Parameter: {
        "title": N_("What is asked for"),
        "default": N_("Text where nothing is given; otherwise the empty text"),
    },
    definition.Document: {
        "title": N_("Its name"),
        "numbered": N_("Goes through drafts lần 1, lần 2 …"),
        "confidential": N_("No step may show it to the public"),
        "encloses": N_("Documents that lie in it"),
        "follows": N_("The document it speaks of: once that has a newer revision, this one is outdated"),
        "series": N_("The symbol behind its number"),
        "issued_by": N_("Who gives it its number; else the file's `issued_by`, else the file's `by`"),
        "year_in_number": N_("The year stands inside the number, as normative documents have it (43/2022/NQ-HĐND)"),
    },
    definition.Basis: {
        "number": N_("Number and symbol"),
        "date": N_("Its day"),
        "body": N_("Who issued it"),
        "title": N_("What it is about"),
        "date_as_written": N_("The day as the source writes it, mistakes included"),
        "note": N_("A remark"),
    },
    definition.Recipient: {
        "to": N_("Who receives the plan"),
        "purpose": N_("What for"),
        "electronic": N_("As an electronic copy"),
    },
    definition.Section: {
        "label": N_("Its number in the source, in quotes where it is a number"),
        "title": N_("Its title"),
        "sections": N_("Sections inside it"),
    },
    definition.After: {
        "stage": N_("The stage from whose due day it counts; without it, from the plan's start"),
        "days": N_("Calendar days, 1 to 3660"),
        "working_days": N_("Working days of the calendar, 1 to 2600"),
    },
    definition.BackFrom: {
        "stage": N_("The stage from whose first day it counts back"),
        "days": N_("Calendar days, 1 to 3660"),
        "working_days": N_("Working days of the calendar, 1 to 2600"),
    },
    definition.Timed: {
        "window": N_("From a day to a day, both included: 2019-04-01/2019-04-15"),
        "due": N_("Last good day: 2020-03-10"),
        "before": N_('"Trước ngày": due the day before, as `policies` say'),
        "month": N_("A month or months: 2019-10 or 2021-04/2021-05; due on the last day"),
        "back_from": N_("Counted back from another stage's first day"),
        "undecided": N_("No date yet, and why"),
        "inherit": N_("The date of the row above (a merged cell of the source)"),
        "continuous": N_("Goes on all the time, never late"),
        "on_request": N_("Whenever asked for, never late"),
        "text": N_("Wording of the source, kept beside the date"),
    },
    definition.People: {
        "lead": N_("The one unit, office or person that leads; else the stage's, else the file's"),
        "with_units": N_("Units that take part"),
        "by": N_("Who may act; the word `lead` means whoever leads there"),
        "not_same_person_as": N_("Whoever acted in the newest round of one of these steps cannot act here"),
    },
    reminding.Reminding: {
        "remind": N_("Who owes the work is reminded so long before its due day: 10d, or 3wd for working days"),
        "escalate": N_("Who is told when the work is so long late"),
    },
    reminding.Escalation: {
        "after": N_("So long behind the due day: 5d, or 1wd for working days"),
        "to": N_("Offices, roles, units or persons; `unit-head` is the head of the unit that owes the work"),
    },
    definition.Stage: {
        "title": N_("Its name"),
        "label": N_("Number in the source; also a name on the command line"),
        "after": N_("A term: counted from another stage's due day, or from the plan's start"),
        "steps": N_("Its steps by id"),
        "transitions": N_("The ways out of it, by id; the id is what `workflow advance PLAN ID` says"),
        "final": N_("A plan ends here; no transitions then"),
        "buffer": N_("Time kept in reserve"),
        "produces": N_("What comes out of it"),
        "goes_to": N_("Who receives that"),
        "note": N_("A remark"),
    },
    definition.Step: {
        "uses": N_("Its step type"),
        "with_": N_("What the step type wants to know"),
        "title": N_("Its name; else the type's"),
        "label": N_("Number in the source; also a name on the command line"),
        "after": N_("A list of steps to be complete before it opens, or a term that says when it is due"),
        "required": N_("Whether the stage waits for it"),
        "confidential": N_("It may not show anything to the public"),
        "produces": N_("What comes out of it"),
        "goes_to": N_("Who receives that"),
        "note": N_("A remark"),
    },
    definition.AlongsideStep: {
        "from_": N_("The stage from which it lives; else the first"),
        "until": N_("When it ends: exactly one of `stage`, `date`, `event`"),
    },
    definition.Until: {
        "stage": N_("Ended when the plan enters this stage"),
        "date": N_("Its last day"),
        "event": N_("An event outside, in words; somebody ends the step"),
    },
    definition.Transition: {
        "to": N_("The stage that it leads to"),
        "title": N_("Its name"),
        "by": N_("Who may fire it; else the stage's `by`, else the file's"),
        "not_same_person_as": N_("Whoever acted in the newest round of one of these steps cannot fire it"),
        "when": N_("A condition in CEL, at most 1000 characters"),
        "requires": N_("Guards of plugins that must agree"),
        "outcome": N_("How steps must have ended: by step one word, or a list of which one is enough"),
        "needs": N_("Documents of which a revision must have been handed in, and not be outdated"),
        "reopen": N_("Steps that open again, in a new round, when their stage is entered"),
        "allow_open_steps": N_("May be fired while required steps are open, and leaves them open"),
        "note": N_("A remark"),
    },
}
