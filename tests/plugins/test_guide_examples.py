"""The examples of the guide for plugin authors do what it says: each hook and each method is called and answers."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from guide_kit import HOOKS, METHODS, blocks, section

from workflow.cli import main

DEFINITION = """
workflow: 1
id: {id}
version: 1
title: {{vi: Thử, en: Try}}
by: office-a
lead: office-a
calendar: {calendar}
{alongside}
documents:
  record: {{title: {{vi: Biên bản, en: Record}}}}
stages:
  first:
    title: {{vi: Một, en: One}}
    due: 2026-03-20
    steps:
      work: {step}
    transitions: {{go: {{to: session{requires}}}}}
  session:
    title: {{vi: Hai, en: Two}}
    after: {{stage: first, working_days: 2}}
    steps:
      more: {{uses: task}}
    transitions: {{end: {{to: done}}}}
  done: {{title: {{vi: Xong, en: Done}}, final: true}}
"""
PEOPLE = """
people: 1
units:
  office-a: {name: {vi: Phòng A}}
  dept-a: {name: {vi: Sở A}}
  dept-b: {name: {vi: Sở B}}
persons:
  anna: {name: Nguyễn Thị An, unit: office-a}
  binh: {name: Trần Bình, unit: dept-a}
"""


class Office:
    """A workspace with the examples of one section as its plugin."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.traced = ""
        self("init", str(root))
        (root / "people.yaml").write_text(PEOPLE, encoding="utf-8")
        self("people", "load", "--as", "anna")

    def install(self, *texts: str) -> None:
        """Put these texts into the workspace, each as a plugin."""
        for number, text in enumerate(texts):
            (self.root / "plugins" / f"example{number}.py").write_text(text, encoding="utf-8")

    def define(
        self, id_: str, *, step: str = "{uses: task}", requires: str = "", calendar: str = "vn", alongside: str = ""
    ) -> None:
        """Write a definition of two stages."""
        text = DEFINITION.format(id=id_, step=step, requires=requires, calendar=calendar, alongside=alongside)
        (self.root / "definitions" / f"{id_}.yaml").write_text(text, encoding="utf-8")

    def __call__(self, *words: str, exits: int = 0) -> Result:
        """Type a command; the trace of what it called is kept."""
        given = ["--workspace", str(self.root), "--lang", "en", *words]
        done = CliRunner().invoke(main, given, prog_name="workflow", env={"WORKFLOW_TRACE_PLUGINS": "1"})
        assert exits == done.exit_code, f"{words}: {done.output}"
        self.traced += "".join(f"{line}\n" for line in done.stderr.splitlines() if re.match(r"[\w-]+: \S+", line))
        return done

    def effects(self) -> list[str]:
        """The kinds of effects that wait."""
        return [one["kind"] for one in json.loads(self("effect", "list", "--json").stdout)["effects"]]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A workspace with people."""
    return Office(tmp_path / "office")


def step_types(office: Office) -> None:
    office.define("d", step="{uses: sealing}")
    office("create", "d", "--id", "p", "--on", "2026-03-02", "--as", "anna")
    assert "it is not stamped" in office("next", "p").output
    office("act", "p", "work", "stamp", "--as", "anna")
    office("audit", "verify")


def guards(office: Office) -> None:
    office.define("d", requires=", requires: [not-in-january, rested], allow_open_steps: true")
    office("create", "d", "--id", "p", "--on", "2026-01-05", "--as", "anna")
    assert "waits until February" in office("advance", "p", "go", "--on", "2026-01-07", "--as", "anna", exits=3).stderr
    office("act", "p", "work", "complete", "--on", "2026-02-02", "--as", "anna")
    said = office("advance", "p", "go", "--on", "2026-02-02", "--as", "anna", exits=3).stderr
    assert "the last act is of 2026-02-02" in said and "2026-02-03" in said
    office("advance", "p", "go", "--on", "2026-02-03", "--as", "anna")


def calendars(office: Office) -> None:
    office.define("d", calendar="feasts")
    office("create", "d", "--id", "p", "--on", "2026-03-02", "--as", "anna")
    office.define("e", calendar="six-days")
    office("create", "e", "--id", "q", "--on", "2026-03-02", "--as", "anna")
    assert "example0: six-days.is_working_day(2026-03-21) -> True" in office.traced
    assert "example1: feasts.is_working_day(2026-03-21) -> False" in office.traced


def papers(office: Office) -> None:
    office.define("d")
    office("create", "d", "--id", "p", "--on", "2026-03-02", "--as", "anna")
    for kind in ("cover", "owed-list"):
        office("paper", "make", "p", kind, "--out", str(office.root / f"{kind}.docx"))
        assert (office.root / f"{kind}.docx").read_bytes().startswith(b"PK")


def exporters(office: Office) -> None:
    office.define("d")
    office("create", "d", "--id", "p", "--on", "2026-03-02", "--as", "anna")
    assert "p first\n" in office("audit", "export", "--format", "stages").output
    file = str(office.root / "p.md")
    assert "p is not finished" in office("audit", "export", "p", "--format", "chronicle", "--out", file, exits=3).stderr
    assert not (office.root / "p.md").exists()
    for words in ("act p work complete", "advance p go", "act p more complete", "advance p end"):
        office(*words.split(), "--as", "anna")
    office("audit", "export", "p", "--format", "chronicle", "--out", file)
    told = (office.root / "p.md").read_text(encoding="utf-8")
    assert told.startswith("# p: ") and "- 2026-03-02 " in told


def before_transition(office: Office) -> None:
    office.define("d", requires=", allow_open_steps: true")
    office("create", "d", "--id", "p", "--on", "2026-03-02", "--as", "anna")
    assert "no document yet" in office("advance", "p", "go", "--as", "anna", exits=3).stderr
    assert "example1: before_transition(go: first to session on " in office.traced


def after_transition(office: Office) -> None:
    office.define("d", requires=", allow_open_steps: true")
    office("create", "d", "--id", "p", "--on", "2026-03-02", "--as", "anna")
    assert [] == office.effects()
    office("advance", "p", "go", "--as", "anna")
    assert ["letter", "opening"] == sorted(office.effects())


def events_recorded(office: Office) -> None:
    office.define("d")
    office("create", "d", "--id", "p", "--on", "2026-03-02", "--as", "anna")
    assert {"journal"} == set(office.effects())
    office("suspend", "p", "--reason", "chờ ý kiến", "--as", "anna")
    assert "stopped" in office.effects()


def effect_handlers(office: Office) -> None:
    from workflow.bootstrap import registry
    from workflow.views.effects import Errand
    from workflow.worker.handling import carry_out

    plugins = registry(office.root)
    errand = Errand("p:1:1", "key", "tray", {"document": "Công văn"}, "p", 1, 8)
    settings = {"example1": {"folder": "."}}
    assert "done" == carry_out(plugins, settings, errand, office.root).word
    assert (office.root / "key.txt").is_file()
    undeliverable = Errand("p:1:2", "other", "tray", {}, "p", 1, 8)
    assert "undeliverable" == carry_out(plugins, settings, undeliverable, office.root).word
    journal = Errand("p:1:3", "third", "journal", {}, "p", 1, 8)
    assert "done" == carry_out(plugins, {}, journal, office.root).word
    assert "tray" in plugins.effect_handlers


def commands(office: Office) -> None:
    office.define("d")
    office("create", "d", "--id", "p", "--on", "2026-03-02", "--as", "anna")
    assert "Xin chào" in office("example0", "hello").output
    assert "p\tfirst\tfirst/work\n" in office("example1", "where").output
    assert "p\t" not in office("example1", "where", "--stage", "done").output
    assert "where" in office("example1", "--help").output


RUNS: dict[str, Callable[[Office], None]] = {
    run.__name__: run
    for run in (
        step_types,
        guards,
        calendars,
        papers,
        exporters,
        before_transition,
        after_transition,
        events_recorded,
        effect_handlers,
        commands,
    )
}


@pytest.mark.parametrize("hook", HOOKS)
def test_the_examples_of_a_hook_do_what_the_guide_says(office: Office, hook: str):
    """Both examples of each hook work side by side in one workspace."""
    office.install(*blocks(section(hook + HOOKS[hook], 3), "python"))

    RUNS[hook](office)


def loans() -> str:
    """The type that the guide takes apart, put together again."""
    text = section("Methods", 3)
    head = blocks(text.partition("\n#### ")[0], "py")
    methods = [blocks(section(name + METHODS[name], 4), "py")[0] for name in METHODS]
    return head[0] + "".join("\n" + textwrap.indent(method, "    ") for method in methods) + "\n\n" + head[1]


def of_version_1(text: str) -> str:
    """The same type as it was before."""
    for old, new in (
        ('version = "2"', 'version = "1"'),
        ('{"unit": unit, "due": due}', '{"unit": unit, "until": due}'),
        ("Lent(**one)", 'Lent(unit=one["unit"], due=one["until"])'),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


def test_every_method_of_the_guide_is_called_and_answers(office: Office):
    """A loan is lent, told of, given back, corrected and read again by a newer version: each method has its part."""
    office.install(of_version_1(loans()))
    step = "{uses: loan, with: {units: [dept-a, dept-b], days: 3, record: record}}"
    office.define("d", step=step, requires=", outcome: {work: late}", alongside=f"alongside: {{always: {step}}}")
    office("create", "d", "--id", "old", "--on", "2026-03-02", "--as", "anna")
    office.install(loans())

    office("doctor", "--replay")
    office("check", str(office.root / "definitions" / "d.yaml"))
    office("create", "d", "--id", "p", "--on", "2026-03-02", "--as", "anna")
    assert "2026-03-05" in office("due", "--json").stdout
    office("tick", "p", "--on", "2026-03-06", "--as", "anna")
    assert "dept-b has not given its file back" in office("next", "p").output.replace("Sở B", "dept-b")
    asked = (
        "reschedule",
        "p",
        "work#dept-a",
        "--ask",
        "--due",
        "2026-03-12",
        "--reason",
        "x",
        "--as",
        "binh",
        "--on",
        "2026-03-06",
    )
    office(*asked)
    assert "was late" in office("act", "p", "work", "give-back", "--unit", "dept-a", "--as", "binh").output
    office("act", "p", "work", "write-off", "--unit", "dept-b", "--as", "binh", exits=4)
    office("act", "p", "work", "write-off", "--unit", "dept-b", "--as", "anna")
    assert (
        "every file is back"
        in office("act", "p", "work", "give-back", "--unit", "dept-a", "--as", "anna", exits=3).stderr
    )
    assert "Files lent" in office("show", "p", "work").output
    office("number", "issue", "p", "record", "--series", "BB", "--as", "anna", exits=3)
    events = json.loads(office("audit", "show", "p", "--json").stdout)["events"]
    given_back = next(one["seq"] for one in events if one["data"].get("action") == "give-back")
    typed = ("correct", "p", str(given_back), "--reason", "bấm nhầm", "--as", "anna")
    office(*typed, exits=3)
    office("advance", "p", "go", "--as", "anna")
    office("audit", "verify", "p")
    assert [] == [method for method in METHODS if f"loan.{method}(" not in office.traced]


def test_the_type_of_the_guide_keeps_the_contract(office: Office):
    """`plugin check` has nothing against it."""
    office.install(loans())

    office("plugin", "check", str(office.root / "plugins" / "example0.py"))
