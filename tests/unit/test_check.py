"""The checks: each broken definition beside the problem it must give, with code and place."""

from __future__ import annotations

import re
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from workflow import deadlines
from workflow.check import RULES, check
from workflow.check.labels import ordinal
from workflow.language.loader import Loaded, load, load_path
from workflow.language.problems import Problem
from workflow.people import Register
from workflow.steps.step_type import DocumentRef, HolderRef, Options, StepRef, StepType, UnitRef

SAMPLE = Path(__file__).parent.parent / "definitions" / "sample-decision.yaml"


class DraftOptions(Options):
    """A document and its number."""

    document: DocumentRef
    number: int
    revises: bool | StepRef = False


class RoundOptions(Options):
    """Whom to ask."""

    invite: tuple[UnitRef, ...]
    close: str = "deadline"


class PortalOptions(Options):
    """What to show, for how long."""

    min_days: int = 30
    basis: str | None = None
    document: DocumentRef | None = None


class JudgeOptions(Options):
    """Who judges what."""

    body: HolderRef | None = None
    document: DocumentRef


class SeriesOptions(Options):
    """How often."""

    every: str


class Draft(StepType):
    """Brings about a draft."""

    name = "draft"
    Options = DraftOptions
    complete_states = ("done",)

    def draft(self, options: DraftOptions) -> tuple[str, int]:
        """The document and number."""
        return options.document, options.number


class Round(StepType):
    """Asks units."""

    name = "consultation"
    Options = RoundOptions
    complete_states = ("closed",)


class Portal(StepType):
    """Shows a document to everybody."""

    name = "public-comment"
    Options = PortalOptions
    complete_states = ("closed",)

    def publishes(self, options: PortalOptions) -> bool:
        """Always."""
        return True


class Judge(StepType):
    """Says whether a draft will do."""

    name = "appraisal"
    Options = JudgeOptions
    complete_states = ("reported",)
    outcomes = ("eligible", "eligible-after-revision", "not-eligible")


class Submission(Judge):
    """Puts a draft to a session."""

    name = "submission"
    outcomes = ("passed",)


class Series(StepType):
    """Reports again and again."""

    name = "periodic-report"
    Options = SeriesOptions
    complete_states = ("ended",)
    lasting = True


class Broken(StepType):
    """A plugin with a fault of its own."""

    name = "broken"
    complete_states = ("done",)

    def draft(self, options: Any) -> tuple[str, int] | None:
        """Fail."""
        raise KeyError("number")


TYPES = {one.name: one() for one in (Draft, Round, Portal, Judge, Submission, Series, Broken)}
GUARDS = {"dossier-complete"}
REGISTER = Register.model_validate(
    {
        "people": 1,
        "units": {name: {"name": name} for name in ("dept-a", "dept-b", "so-tu-phap")},
        "groups": {"districts": {"title": "Các huyện", "members": ["dept-a"]}},
        "offices": {"director": {"title": "Giám đốc", "unit": "dept-a"}},
        "roles": {"drafter": {"title": "Người soạn thảo"}},
    }
)


def checked(loaded: Loaded) -> list[Problem]:
    """Check with everything known."""
    return check(loaded, TYPES, GUARDS, REGISTER, {"vn"})


def spoilt(old: str, new: str) -> tuple[list[Problem], tuple[int, int]]:
    """Check the sample with *old* replaced by *new*, in which `^` marks a place; return that place too."""
    text = SAMPLE.read_text("utf-8")
    assert 1 == text.count(old), f"{old!r} must stand once in the sample"
    before = text[: text.index(old)] + new[: new.index("^")]
    place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
    return checked(load(text.replace(old, new.replace("^", "", 1)).encode(), "sample.yaml")), place


def test_the_sample_is_clean():
    """The sample of the language gives neither error nor warning."""
    assert [] == [str(problem) for problem in checked(load_path(SAMPLE)) if problem.severity != "note"]


def test_what_is_not_known_is_not_judged():
    """Without plugins and people the rules that need them say nothing."""
    loaded = load_path(SAMPLE)

    assert {"window-gap"} == {problem.code for problem in check(loaded, None, None)}


BROKEN = [
    ("unreachable-stage", "  session:\n", "  ^lost: {title: Lạc, final: true}\n  session:\n"),
    ("dead-end", "  session:\n", "  ^stuck: {title: Kẹt}\n  session:\n"),
    ("dead-end", "  session:\n", "  ^loop: {title: Vòng, transitions: {again: {to: loop}}}\n  session:\n"),
    ("final-with-transitions", "    final: true\n", "    final: true\n    ^transitions: {on: {to: writing}}\n"),
    ("unknown-stage", "{to: agencies, by: [lead]}", "{to: ^agencie, by: [lead]}"),
    ("unknown-stage", "until: {stage: session}", "until: {stage: ^sesion}"),
    ("unknown-stage", "from: writing", "from: ^writting"),
    ("unknown-stage", "    month: 2019-10\n", "    after: {stage: ^apraisal, days: 3}\n"),
    ("unknown-calendar", "calendar: vn", "calendar: ^vm"),
    ("unknown-guard", "[dossier-complete]", "[^dossier-compleet]"),
    ("unknown-document", "needs: [decision, letter]", "needs: [decision, ^leter]"),
    ("unknown-document", "encloses: [letter]", "encloses: [^annex]"),
    ("unknown-document", "body: so-tu-phap, document: decision", "body: so-tu-phap, document: ^decison"),
    ("unknown-step", "reopen: [write]", "reopen: [^wirte]"),
    ("unknown-step", "after: [round]", "after: [^rund]"),
    ("unknown-step", "[agencies/write]", "[^agencies/wriet]"),
    ("unknown-step", "[agencies/write]", "[^write]"),
    ("unknown-step", "outcome: {justice: not-eligible}", "outcome: {^justize: not-eligible}"),
    ("unknown-step", "number: 2}", "number: 2, revises: ^nothing}"),
    ("unknown-step-type", "uses: appraisal", "uses: ^apraisal"),
    ("unknown-key", "min_days: 30", "^min_day: 30"),
    ("wrong-type", "min_days: 30", "min_days: ^soon"),
    ("missing-key", "with: {every: month}", "^with: {}"),
    ("missing-key", "  monthly: {uses: periodic-report, with: {every: month},", "  ^monthly: {uses: periodic-report,"),
    ("unknown-unit", "invite: [dept-a,", "invite: [^dept-aa,"),
    ("unknown-unit", '"@districts"', '^"@district"'),
    ("unknown-unit", "lead: dept-b", "lead: ^dept-c"),
    ("unknown-unit", "lead: dept-b", "lead: dept-b\n    goes_to: [dept-a, ^dept-x]"),
    ("unknown-role", "by: [director]", "by: [^direktor]"),
    ("unknown-role", "by: drafter", "by: ^drafters"),
    ("unknown-role", "body: so-tu-phap", "body: ^so-tu-fap"),
    ("never-fires", "outcome: {justice: not-eligible}", "outcome: {justice: ^rejected}"),
    ("unknown-outcome", "eligible-after-revision]", "^eligible-later]"),
    ("never-fires", "circulate: {to: agencies,", "circulate: {outcome: {^appraisal/justice: eligible}, to: agencies,"),
    ("never-fires", "circulate: {to: agencies,", "circulate: {when: ^1 > 2, to: agencies,"),
    ("condition-always-true", "circulate: {to: agencies,", "circulate: {when: ^1 < 2, to: agencies,"),
    ("condition", "circulate: {to: agencies,", "circulate: {when: ^plan.ide == '', to: agencies,"),
    ("condition", "circulate: {to: agencies,", "circulate: {when: ^today >, to: agencies,"),
    ("never-opens", "number: 1}}", "number: 1}, after: [^session/vote]}"),
    ("draft-number-backwards", "document: decision, number: 2", "document: decision, number: ^0"),
    ("step-cycle", "basis: Luật mẫu}}", "basis: Luật mẫu}, ^after: [portal]}"),
    ("confidential-published", "basis: Luật mẫu}}", "basis: Luật mẫu}, confidential: ^true}"),
    ("unknown-document", "letter: {", "letter: {follows: ^decison, "),
    ("document-cycle", "letter: {", "letter: {follows: ^letter, "),
    ("plugin-failed", "uses: periodic-report, with: {every: month}", "uses: ^broken"),
    ("impossible-date", "window: 2019-06-01/2019-06-15", "window: ^2019-06-01/2019-06-31"),
    ("impossible-date", "month: 2019-10", "month: ^2019-13"),
    ("impossible-date", "by: drafter", 'by: drafter\nbases: [{number: "1", date: ^2019-02-29}]'),
    ("window-ends-before-start", "window: 2019-06-01/2019-06-15", "window: ^2019-06-15/2019-06-01"),
    ("date-cycle", "    month: 2019-10\n", "    after: {stage: ^session, days: 3}\n"),
    ("date-cycle", "    window: 2019-06-01/2019-06-15\n", "    back_from: {stage: ^appraisal, working_days: 3}\n"),
    ("nothing-above", "window: 2019-04-01/2019-04-15", "inherit: ^true"),
    ("nothing-above", "with: {every: month},", "with: {every: month}, inherit: ^true,"),
    ("address-taken", "  monthly:", "  ^session:"),
    ("group-leads", "lead: dept-b", 'lead: ^"@districts"'),
    ("group-leads", "by: drafter", 'by: drafter\nlead: ^"@districts"'),
    ("windows-out-of-order", "window: 2019-06-01/2019-06-15", "window: ^2019-04-20/2019-06-15"),
    ("windows-out-of-order", "window: 2019-06-01/2019-06-15", "due: ^2019-05-20"),
    ("windows-overlap", "window: 2019-06-01/2019-06-15", "window: ^2019-05-31/2019-06-15"),
    ("window-gap", "window: 2019-06-01/2019-06-15", "window: ^2019-06-02/2019-06-15"),
    ("label-jump", 'label: "4"', 'label: ^"6"'),
    ("label-repeat", 'label: "4"', 'label: ^"3"'),
    ("label-repeat", "by: drafter", "by: drafter\noutline: [{label: III, title: A}, {label: ^III, title: B}]"),
    ("label-jump", "by: drafter", "by: drafter\noutline: [{label: II, title: A}, {label: ^IV, title: B}]"),
]


@pytest.mark.parametrize(("code", "old", "new"), BROKEN)
def test_a_broken_definition_is_reported_with_code_and_place(code, old, new):
    """Each fault gives its code, exactly where it stands in the text."""
    found, place = spoilt(old, new)
    places = {(problem.line, problem.column) for problem in found if problem.code == code}

    assert place in places, [str(problem) for problem in found]


def test_dates_that_wait_for_each_other_are_one_problem():
    """A circle through several stages is told once, with all that is in it."""
    text = SAMPLE.read_text("utf-8").replace("    month: 2019-10\n", "    inherit: true\n")
    text = text.replace("window: 2019-06-01/2019-06-15", "back_from: {stage: session, days: 90}")
    circles = [problem for problem in checked(load(text.encode(), "s.yaml")) if problem.code == "date-cycle"]

    assert ["these dates wait for each other: appraisal, session"] == [str(problem.phrase) for problem in circles]


def test_many_long_terms_are_judged_at_once():
    """No working day is counted for it: thousands of terms of ten years take no time."""
    steps = "".join(f"      t{n}: {{uses: none, after: {{working_days: 2600}}}}\n" for n in range(8000))
    stages = "stages:\n  s:\n    title: a\n    final: true\n    steps:\n" + steps
    loaded = load(f"workflow: 1\nid: large\nversion: 1\ntitle: Lớn\n{stages}".encode(), "large.yaml")
    began = perf_counter()

    assert () == deadlines.faults(loaded.definition)
    assert perf_counter() - began < 2


def test_a_draft_number_that_goes_back_is_reported_at_the_later_step():
    """Not the higher number is wrong, but the lower one after it."""
    found, _ = spoilt("document: decision, number: 1", "document: decision, number: ^3")
    backwards = [problem for problem in found if problem.code == "draft-number-backwards"]
    line = next(n for n, text in enumerate(SAMPLE.read_text("utf-8").splitlines(), 1) if "number: 2" in text)

    assert [line] == [problem.line for problem in backwards]
    assert "draft 2 of `decision` comes after draft 3 in `writing/write`" == str(backwards[0].phrase)


def test_a_confidential_plan_publishes_nothing():
    """Every step that would show something to the public is named where its type stands."""
    text = SAMPLE.read_text("utf-8").replace("by: drafter", "by: drafter\nconfidential: true", 1)

    found = [one for one in checked(load(text.encode(), "s.yaml")) if one.code == "confidential-published"]

    assert found
    assert {"public-comment"} == {text.splitlines()[one.line - 1][one.column - 1 :].split(",")[0] for one in found}


def test_a_confidential_document_is_not_published():
    """A step that shows a confidential document to the public is refused where it names the document."""
    text = SAMPLE.read_text("utf-8").replace("{title: {vi: Tờ trình}}", "{title: {vi: Tờ trình}, confidential: true}")
    text = text.replace("{min_days: 30,", "{document: letter, min_days: 30,")
    found = [one for one in checked(load(text.encode(), "s.yaml")) if one.code == "confidential-published"]

    assert ["the document `letter` is confidential and would be public"] == [str(one.phrase) for one in found]
    assert text.splitlines()[found[0].line - 1][found[0].column - 1 :].startswith("letter")


@pytest.mark.parametrize(
    ("old", "new", "suggestion"),
    [
        ("uses: appraisal", "uses: ^apraisal", "appraisal"),
        ("by: [director]", "by: [^direktor]", "director"),
        ("[dossier-complete]", "[^dossier-compleet]", "dossier-complete"),
        ("reopen: [write]", "reopen: [^wirte]", "write"),
        ("min_days: 30", "^min_day: 30", "min_days"),
        ("until: {stage: session}", "until: {stage: ^sesion}", "session"),
        ("eligible-after-revision]", "^eligible-after-revison]", "eligible-after-revision"),
    ],
)
def test_the_nearest_name_is_suggested(old, new, suggestion):
    """A misspelt name comes with the one that was probably meant."""
    found, place = spoilt(old, new)

    assert [f"did you mean `{suggestion}`?"] == [str(one.hint) for one in found if (one.line, one.column) == place]


@pytest.mark.parametrize(
    ("old", "new"), [("[agencies/write]", "[^write]"), ("to: agencies, by: [lead]", "to: appraisal, reopen: ^write")]
)
def test_an_ambiguous_step_says_which_there_are(old, new):
    """A bare id that several stages have is answered with their addresses."""
    found, _ = spoilt(old, new)
    hints = [str(problem.hint) for problem in found if problem.code == "unknown-step"]

    assert ["say which: writing/write, agencies/write"] == hints


def test_steps_that_wait_for_each_other_are_one_problem():
    """A circle is reported once, with all that is in it."""
    found, _ = spoilt("close: all-answered-or-deadline}}", "close: deadline}, ^after: [write]}")
    circles = [str(problem.phrase) for problem in found if problem.code == "step-cycle"]

    assert ["these steps wait for each other: agencies/round → agencies/write → agencies/round"] == circles


def test_a_problem_is_printed_as_editors_read_it():
    """A problem reads `FILE:LINE:COL: CODE message`."""
    found, (line, column) = spoilt("uses: appraisal", "uses: ^apraisal")

    expected = "unknown-step-type there is no step type `apraisal`; did you mean `appraisal`?"
    assert f"sample.yaml:{line}:{column}: {expected}" in [str(problem) for problem in found]


def test_problems_come_in_the_order_of_the_text():
    """All problems of a file are given at once, from its top to its end."""
    text = SAMPLE.read_text("utf-8")
    text = re.sub(r"uses: (\w)", r"uses: x\1", text)
    found = [one for one in checked(load(text.encode(), "s.yaml")) if one.code == "unknown-step-type"]

    assert 7 == len(found)
    assert [one.line for one in found] == sorted(one.line for one in found)


def test_faults_are_told_up_to_a_limit():
    """Thousands of faults are told up to a limit."""
    lines = ["workflow: 1", "id: large", "version: 1", "title: Lớn", "stages:"]
    for stage in range(500):
        lines += [f"  s{stage}:", "    title: a", f"    transitions: {{go: {{to: s{stage + 1}}}}}", "    steps:"]
        lines += [f"      t{step}: {{uses: none, after: nope{step}}}" for step in range(25)]
    found = checked(load("\n".join(lines).encode(), "large.yaml"))

    assert 400 < len(found) <= 200 * len(RULES)


def test_a_definition_with_thousands_of_stages_is_one_problem():
    """What no person wrote is not judged stage by stage."""
    stages = "".join(
        f"  s{number}: {{title: a, transitions: {{go: {{to: s{number + 1}}}}}}}\n" for number in range(6000)
    )
    found = checked(load(f"workflow: 1\nid: large\nversion: 1\ntitle: Lớn\nstages:\n{stages}".encode(), "large.yaml"))

    assert ["large.yaml:5:1: too-many-stages more than 500 stages"] == [str(problem) for problem in found]


def test_stages_may_share_a_number_and_a_window():
    """Two stages of one item in the source are no repetition if they share its window."""
    text = SAMPLE.read_text("utf-8").replace('label: "4"', 'label: "3"')
    text = text.replace("2019-06-01/2019-06-15", "2019-05-01/2019-05-31")

    assert "label-repeat" not in {one.code for one in checked(load(text.encode(), "s.yaml"))}


@pytest.mark.parametrize(
    ("label", "place"),
    [
        ("7", (".1", 7)),
        ("II.3", ("II.1", 3)),
        ("IV", (".I", 4)),
        ("XIX", (".I", 19)),
        ("d", (".a", 4)),
        ("đ", (".a", 5)),
        ("1.", (".1", 1)),
        ("2a", None),
        ("", None),
        ("Phụ lục", None),
    ],
)
def test_the_sources_numbers_are_understood(label, place):
    """Digits, Roman numerals and the letters of Vietnamese lists are counted, anything else is not."""
    assert place == ordinal(label)
