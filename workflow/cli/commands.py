"""Which command stands in which module, with the line that `workflow --help` shows for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from workflow.cli.marking import N_


class Entry(NamedTuple):
    """A command's place: module in `workflow.cli`, name in that module, one line of help; a group's commands."""

    module: str
    name: str
    help: str
    group: Mapping[str, Entry] | None = None
    example: str = ""


PURPOSE = N_("Carry plans from the first draft to the session, every change in an audit trail.")
EPILOG = N_(
    "Example: workflow demo plans, then workflow --workspace plans list. "
    "Options of every command may stand before or after its name."
)

_KEY = {
    "new": Entry("seal", "new_key", N_("Make a key that signs seals.")),
    "list": Entry("seal", "list_keys", N_("List the keys, also those that were retired.")),
    "retire": Entry("seal", "retire_key", N_("Let a key sign no more.")),
}
_AUDIT = {
    "show": Entry("audit", "show", N_("Show the trail of a plan, or of everything.")),
    "explain": Entry("explained", "explain", N_("Tell all about one event: by which right and rule, how late.")),
    "verify": Entry("verify", "verify", N_("Check chains, replay, documents and seals; name the first bad event.")),
    "seal": Entry("seal", "seal", N_("Sign that all that was recorded was recorded, in a small file.")),
    "prove": Entry("seal", "prove", N_("Prove that an event stood in the record when a seal was made.")),
    "key": Entry("seal", "", N_("The keys that sign seals."), _KEY, "workflow audit key list"),
    "export": Entry("export", "export", N_("Write plans into a file: a report, a table, an archive's package.")),
    "bundle": Entry("bundle", "bundle", N_("Pack plans with all that proves them into one file for an outsider.")),
    "withdraw": Entry("withdraw", "withdraw", N_("Withdraw a personal or secret text or file from the record.")),
}
_EFFECT = {
    "list": Entry("effect", "list_effects", N_("List the effects that wait or are parked.")),
    "show": Entry("effect", "show_effect", N_("Show an effect and what it carries.")),
    "retry": Entry("effect", "retry", N_("Let an effect be tried anew.")),
    "drop": Entry("effect", "drop", N_("Give an effect up.")),
}
_DRAFT = {
    "list": Entry("draft", "list_drafts", N_("List the revisions of a plan's documents, who has them, who approved.")),
    "show": Entry("draft", "show_draft", N_("Show a revision; --out writes its files.")),
    "diff": Entry("draft", "diff_drafts", N_("Show what changed between two revisions, word by word.")),
}
_NUMBER = {
    "issue": Entry("number", "issue", N_("Give a document its number and symbol.")),
    "list": Entry("number", "list_numbers", N_("List the numbers that were given.")),
}
_PAPER = {
    "list": Entry("paper", "list_papers", N_("List the papers that can be made of a plan, and what they wait for.")),
    "make": Entry("paper", "make", N_("Make a paper of a plan's data as a Word file.")),
    "template": Entry("paper", "template", N_("Write the template of a paper out, to be edited in Word.")),
}
_DB = {
    "status": Entry("db", "status", N_("Show where the database is, and how it is.")),
    "backup": Entry("db", "backup", N_("Write all that the database holds into one file, while others work.")),
    "copy": Entry("db", "copy", N_("Take the database to another place, to PostgreSQL or back.")),
    "grant": Entry("db", "grant", N_("Print, or carry out, what each role may do on PostgreSQL.")),
    "upgrade": Entry("db", "upgrade", N_("Take the database to this version's schema.")),
    "rebuild": Entry("db", "rebuild", N_("Make the rows of plans anew from their events.")),
}
_PEOPLE = {
    "list": Entry("people", "list_people", N_("List the people of the register and their offices.")),
    "load": Entry("people", "load", N_("Take in people.yaml; from then on it counts.")),
}
_CALENDAR = {
    "show": Entry("calendar", "show_calendar", N_("Show a year's days off, weekends worked, and how dates are read.")),
    "load": Entry("calendar", "load_calendar", N_("Take in a calendar file, and move the due dates that it moves.")),
}
_DEFINITION = {
    "list": Entry("language", "list_definitions", N_("List the definitions known here.")),
    "show": Entry("language", "show_definition", N_("Show a definition's stages, steps and transitions.")),
    "schema": Entry("schema", "schema", N_("Print the schema by which an editor checks definitions.")),
}
_PLUGIN = {
    "list": Entry("language", "list_plugins", N_("List the plugins, what they offer and what failed.")),
    "new": Entry("plugin", "new", N_("Make a plugin that works, to begin from.")),
    "check": Entry("plugin", "check", N_("Check that a plugin keeps its side of the contract.")),
}

COMMANDS: Mapping[str, Entry] = {
    "demo": Entry("setup", "demo", N_("Make a workspace and run all five shipped plans to their end.")),
    "init": Entry("setup", "init", N_("Make a new workspace.")),
    "check": Entry("language", "check", N_("Look for mistakes in definitions.")),
    "create": Entry("write", "create", N_("Start a plan.")),
    "list": Entry("read", "list_plans", N_("List the plans and where they stand.")),
    "show": Entry("read", "show", N_("Show where a plan stands.")),
    "next": Entry("read", "next_", N_("Show what can be done now, by whom, and what blocks the rest.")),
    "advance": Entry("write", "advance", N_("Move a plan to another stage.")),
    "act": Entry("act", "act", N_("Do something on a step of a plan.")),
    "import": Entry("import_", "import_", N_("Take the rows of a table in as actions on a step.")),
    "due": Entry("due", "due", N_("Show what is owed, by whom, by when.")),
    "overview": Entry("overview", "overview", N_("Show every open plan: who holds it, what is late, what blocks it.")),
    "draft": Entry(
        "draft", "", N_("The documents of a plan and their revisions."), _DRAFT, "workflow draft list 25-KH-KHCN-2019"
    ),
    "number": Entry("number", "", N_("Numbers and symbols of documents."), _NUMBER, "workflow number list"),
    "paper": Entry(
        "paper", "", N_("Papers made of a plan's data, as Word files."), _PAPER, "workflow paper list 25-KH-KHCN-2019"
    ),
    "graph": Entry("language", "graph", N_("Draw a definition, or a plan with its place and path.")),
    "audit": Entry("audit", "", N_("Read and verify the audit trail."), _AUDIT, "workflow audit verify"),
    "people": Entry("people", "", N_("Units, offices and people."), _PEOPLE, "workflow people list"),
    "calendar": Entry(
        "calendar",
        "",
        N_("Working days, days off, and how dates are read."),
        _CALENDAR,
        "workflow calendar show 2026",
    ),
    "definition": Entry(
        "language", "", N_("The definitions that plans follow."), _DEFINITION, "workflow definition list"
    ),
    "plugin": Entry("language", "", N_("The plugins that are installed."), _PLUGIN, "workflow plugin list"),
    "suspend": Entry("rare", "suspend", N_("Stop a plan for a while.")),
    "resume": Entry("rare", "resume", N_("Let a suspended plan go on.")),
    "cancel": Entry("rare", "cancel", N_("End a plan before its time.")),
    "reopen": Entry("rare", "reopen", N_("Open a finished or cancelled plan again.")),
    "forecast": Entry("forecast", "forecast", N_("Show what a delay moves, and whether the last date still holds.")),
    "reschedule": Entry("reschedule", "reschedule", N_("Ask for a later day, grant it, or set a date anew.")),
    "amend": Entry("amend", "amend", N_("Add a step or a leg to one running plan.")),
    "handover": Entry("handover", "handover", N_("Pass somebody's open work on to another.")),
    "correct": Entry("rare", "correct", N_("Undo an event that was entered in error, by a new event.")),
    "tick": Entry("tick", "tick", N_("Record what fell due by itself.")),
    "worker": Entry("worker", "worker", N_("Carry effects out: letters, messages to other programs.")),
    "effect": Entry(
        "effect", "", N_("Effects: what is to be done outside after a change."), _EFFECT, "workflow effect list"
    ),
    "doctor": Entry("doctor", "doctor", N_("Look for what nobody will do, and for what may lose data.")),
    "db": Entry("db", "", N_("The database."), _DB, "workflow db status"),
}
