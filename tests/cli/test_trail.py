"""`audit show` and `audit explain` on plans that were walked to their end: what a reviewer reads of the record."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from workflow.bootstrap import shipped_definitions
from workflow.cli import main

PLAN = "25-KH-KHCN-2019"
TEMPLATE = "provincial-normative-document-template.yaml"

Asked = Callable[..., Result]


@pytest.fixture(scope="module")
def office(played_office) -> Path:
    """The shipped plans, played to their end."""
    return played_office


@pytest.fixture
def typed(office) -> Asked:
    """Type a command in that workspace."""

    def run(*arguments: str, lang: str = "en", folder: Path = office) -> Result:
        line = ["--workspace", str(folder), "--lang", lang, *arguments]
        return CliRunner().invoke(main, line, prog_name="workflow")

    return run


@pytest.fixture
def events(typed) -> Callable[..., list[dict]]:
    """The events of a trail as JSON."""

    def asked(*arguments: str) -> list[dict]:
        result = typed("audit", "show", *arguments, "--json")
        assert 0 == result.exit_code, result.output
        return json.loads(result.stdout)["events"]

    return asked


@pytest.fixture
def whole(events) -> list[dict]:
    """Every event of every chain."""
    return events("--limit", "9999")


def ids(found: list[dict]) -> list[str]:
    """The ids of events, in order."""
    return [event["id"] for event in found]


# which events


def test_everything_is_shown_in_the_order_of_recording(whole):
    """Across plans the trail goes along the time at which things were recorded."""
    times = [event["recorded_at"] for event in whole]

    assert times == sorted(times)
    assert 600 < len(whole)


@pytest.mark.parametrize(
    ("arguments", "fits"),
    [
        (["--by", "cv-qlcn"], lambda e: e["actor"] == "cv-qlcn"),
        (["--type", "transition_fired"], lambda e: e["type"] == "transition_fired"),
        (["--unit", "so-tu-phap"], lambda e: "so-tu-phap" in (e["on_behalf"], e["authority"].get("ref"))),
        (
            ["--since", "2021-06-01", "--until", "30/6/2021"],
            lambda e: "2021-06-01" <= e["recorded_at"][:10] < "2021-07",
        ),
        (["--by", "cv-qlcn", "--type", "step_acted"], lambda e: (e["actor"], e["type"]) == ("cv-qlcn", "step_acted")),
        (
            ["--unit", "phong-qlcn", "--type", "transition_fired", "--since", "2019-06-01"],
            lambda e: (
                e["authority"].get("ref") == "phong-qlcn"
                and e["type"] == "transition_fired"
                and e["recorded_at"] > "2019-06"
            ),
        ),
    ],
)
def test_a_filter_leaves_exactly_what_fits(events, whole, arguments, fits):
    """Alone or together, across plans, and within a plan."""
    expected = [event for event in whole if fits(event)]
    assert expected
    assert ids(expected) == ids(events(*arguments, "--limit", "9999"))

    of_plan = [event["id"] for event in expected if event["plan"] == PLAN]
    assert of_plan == [event["id"] for event in events(PLAN, *arguments) if not event["refused"]]


def test_a_unit_s_trail_has_what_its_divisions_and_offices_did(events):
    """The director acts for the department."""
    refs = {event["authority"].get("ref") for event in events("--unit", "so-khcn", "--limit", "9999")}

    assert {"director", "phong-qlcn"} <= refs


def test_a_document_is_followed_by_id_and_by_the_head_of_its_hash(events, typed):
    """By its id every revision made, sent and approved; by a file's hash what was done with these bytes."""
    made = events("--document", "decision", "--by", "cv-qlcn")
    (sha256,) = made[0]["data"]["revisions"][0]["files"]
    of_file = events("--document", sha256[:12])

    assert made[0]["id"] in ids(of_file)
    assert ids(of_file) == ids(events("--document", sha256))
    assert {"revisions", "sent"} <= {name for event in events("--document", "decision") for name in event["data"]}
    assert 2 == typed("audit", "show", "--document", "nothing").exit_code


@pytest.mark.parametrize("arguments", [[], [PLAN], ["--by", "cv-qlcn"], ["--by", "cv-qlcn", "--unit", "phong-qlcn"]])
def test_pages_together_are_the_whole(typed, events, arguments):
    """`next` of a page is where the next one begins, until there is none."""
    expected, found, after = ids(events(*arguments, "--limit", "9999")), [], []
    while True:
        result = json.loads(typed("audit", "show", *arguments, "--limit", "37", *after, "--json").stdout)
        found += ids(result["events"])
        if result["next"] is None:
            break
        after = ["--after", result["next"]]

    assert expected == found


def test_a_page_begins_behind_an_event_of_the_plan(events, typed):
    """Of one plan its number is enough; what is no event of it is refused."""
    assert f"{PLAN}#9" == events(PLAN, "--after", "8")[0]["id"]
    for wrong in ("x", "9999", "KH-NSCL-2021#1", "#"):
        assert 2 == typed("audit", "show", PLAN, "--after", wrong).exit_code


def test_refused_attempts_stand_in_the_plan_s_own_trail(events):
    """Each at its place in time, and marked as what changed nothing."""
    trail = events(PLAN)
    refused = [event for event in trail if event["refused"]]
    times = [event["recorded_at"] for event in trail]

    assert 12 == len(refused)
    assert {PLAN} == {event["data"]["plan"] for event in refused}
    assert times == sorted(times)


# what a person reads


def test_the_table_has_words_and_no_ids(typed):
    """Names, titles, and why an attempt was refused; no JSON, and no line wider than the terminal."""
    shown = typed("audit", "show", PLAN, "--limit", "400", lang="vi").stdout
    flat = " ".join(shown.split())

    assert "Nguyễn Thanh Bình (Giám đốc" in flat
    assert "bị từ chối: Bắt đầu soạn thảo;" in flat
    assert "lý do: người này không có thẩm quyền" in flat
    for word in ("{", "[", "not-permitted", "cv-qlcn", "phong-qlcn", "transition_fired"):
        assert word not in shown
    assert 80 >= max(map(len, shown.splitlines()))


def test_a_terminal_gets_a_page_and_how_to_go_on(typed):
    """Fifty events, and the id behind which the next page begins."""
    result = typed("audit", "show", PLAN)

    assert f"--after {PLAN}#" in result.stderr


def test_the_file_has_every_event_and_no_formula(typed, whole):
    """CSV with all of it; a cell that a spreadsheet would compute is shown as text."""
    rows = list(csv.reader(io.StringIO(typed("audit", "show", "--csv", "-").stdout.removeprefix("\ufeff"))))

    assert len(whole) == len(rows) - 1
    assert "'@workspace" in {row[1] for row in rows}
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert 2 == typed("audit", "show", "--csv", "-", "--limit", "3").exit_code


# recorded late


@pytest.fixture(scope="module")
def mine(office, tmp_path_factory) -> Path:
    """A copy with a plan of today, to which things are entered afterwards."""
    folder = tmp_path_factory.mktemp("mine") / "office"
    shutil.copytree(office, folder)
    shutil.copy(shipped_definitions() / TEMPLATE, folder / "definitions")
    for line in (
        ["create", "provincial-normative-document-template", "--id", "1-KH", "--as", "van-thu", "--on", "2026-01-05"],
        ["create", "provincial-normative-document-template", "--id", "2-KH", "--as", "van-thu", "--on", "2026-01-05"]
        + ["--adopt-at", "first-draft"],
    ):
        result = CliRunner().invoke(main, ["--workspace", str(folder), *line], prog_name="workflow")
        assert 0 == result.exit_code, result.output
    return folder


def test_what_was_entered_long_after_it_happened_is_marked(typed, mine):
    """In the table, as JSON and in the file; what followed from it, and a plan taken over, are not."""
    here = {"folder": mine}
    first, *others = json.loads(typed("audit", "show", "1-KH", "--json", **here).stdout)["events"]
    taken = json.loads(typed("audit", "show", "2-KH", "--json", **here).stdout)["events"]
    rows = list(csv.DictReader(io.StringIO(typed("audit", "show", "1-KH", "--csv", "-", **here).stdout)))

    assert (True, True) == (first["recorded_late"], first["days_until_recorded"] > 3)
    assert not any(event["recorded_late"] for event in (*others, *taken))
    assert "RECORDED LATE" in typed("audit", "show", "1-KH", **here).stdout
    assert "yes" == rows[0]["recorded late"]


# one event


def explained(typed, *arguments: str, **more) -> dict:
    """All about an event, as JSON."""
    result = typed("audit", "explain", *arguments, "--json", **more)
    assert 0 == result.exit_code, result.output
    return json.loads(result.stdout)


def test_an_act_is_explained(typed):
    """Who, the office held and since when, the rule with file and line, the text in force, how late."""
    told = explained(typed, PLAN, "26")
    line = (shipped_definitions() / told["text"]["file"]).read_text("utf-8").splitlines()[told["text"]["line"] - 1]

    assert ("Nguyễn Thanh Bình", "director", "holder", "2018-01-01") == (
        told["person"],
        *(told["held"][name] for name in ("office", "via", "since")),
    )
    assert line.split(":")[0].strip() == told["data"]["step"].split("/")[1]
    assert told["rule"]["by_step_type"]
    assert [("2019-04-30", 0, False)] == [(due["due_on"], due["days"], due["late"]) for due in told["lateness"]]


def test_a_transition_is_explained_with_what_its_guards_read(typed, events):
    """What had to hold stands in it, and the day of the stage that was left, as it was then."""
    back = next(event for event in events(PLAN, "--type", "transition_fired") if event["data"]["trigger"] == "return")
    told = explained(typed, PLAN, str(back["seq"]))

    assert {"outcome": ["justice"]} == told["rule"]["guards"]
    assert ["stages", "appraisal", "transitions", "return"] == told["rule"]["path"]
    assert "2019-06-15" == told["lateness"][0]["due_on"]


def test_lateness_is_told_against_the_day_in_force_then(typed, events):
    """What was handed in behind its day is late by the days that its own event says."""
    late = [
        e for e in events("--type", "step_acted", "--limit", "9999") if e["data"].get("data", {}).get("late") is True
    ]
    judged = 0
    for event in late:
        days = event["data"]["data"].get("days_late")
        told = explained(typed, event["plan"], str(event["seq"]))["lateness"] if days else []
        for due in told:
            judged += 1
            assert days == due["days"]
    assert judged


def test_a_deputy_is_explained_with_the_form_of_delegation(typed, events):
    """Who signed for the head says so, and as what."""
    signed = next(event for event in events("--limit", "9999") if event["authority"].get("form") == "kt")
    shown = typed("audit", "explain", signed["plan"], str(signed["seq"])).stdout

    assert "as deputy, for the head (KT.)" in shown


def test_an_event_of_the_workspace_is_explained(typed):
    """A refused attempt has an actor and reasons, and whom the definition would have let."""
    told = explained(typed, "@workspace", "5")

    assert (True, ["director"], []) == (told["refused"], told["rule"]["by"], told["lateness"])
    assert "nothing was changed" in " ".join(typed("audit", "explain", "@workspace", "5").stdout.split())


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_documents_and_hashes_are_told_in_full(typed, lang):
    """The bytes that an act was about, and the event's own place in the chain."""
    told = explained(typed, PLAN, "10")
    shown = typed("audit", "explain", PLAN, "10", lang=lang).stdout

    assert told["data"]["revisions"][0]["files"][0] in shown
    assert told["hash"] in shown and told["previous"] in shown


def test_a_text_that_no_file_has_any_longer_is_said_to_stand_in_the_database(typed, mine):
    """A file that went on to another version is not the text that was in force."""
    file = mine / "definitions" / TEMPLATE
    assert TEMPLATE == explained(typed, "1-KH", "1", folder=mine)["text"]["file"]
    file.write_text(file.read_text("utf-8").replace("version: 1", "version: 2", 1), "utf-8")
    told = explained(typed, "1-KH", "1", folder=mine)

    assert (None, True) == (told["text"]["file"], told["text"]["intact"])
    assert "in the database alone" in typed("audit", "explain", "1-KH", "1", folder=mine).stdout


def test_an_event_that_is_not_there_is_told(typed):
    """Exit 2, and how to see those that are."""
    assert 2 == typed("audit", "explain", PLAN, "9999").exit_code
    assert 2 == typed("audit", "explain", "nothing", "1").exit_code


# what the trail is found by


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("DELETE FROM event_about WHERE subject = 'unit:so-tu-phap'", "not-findable"),
        ("INSERT INTO event_about VALUES ('unit:so-tu-phap', '2019', '25-KH-KHCN-2019', 3)", "found-wrongly"),
        ("UPDATE event_about SET seq = 999 WHERE subject = 'unit:so-tu-phap'", "found-wrongly"),
    ],
)
def test_rows_changed_by_hand_to_hide_an_event_are_found(typed, office, tmp_path, change, code):
    """Verification compares what the trail is found by with what the events' bytes say."""
    folder = tmp_path / "office"
    shutil.copytree(office, folder)
    with closing(sqlite3.connect(folder / "workflow.db")) as database:
        database.execute(change)
        database.commit()
    result = typed("audit", "verify", "--json", folder=folder)

    assert 7 == result.exit_code
    assert code in {finding["code"] for finding in json.loads(result.stdout)["findings"]}
