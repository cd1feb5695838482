"""The overview of every open plan, and the same for one plan in `show`."""

from __future__ import annotations

import json
from datetime import date

import pytest

from workflow.cli.output import width
from workflow.demo import Demo

PLAN = "25-KH-KHCN-2019"
APPRAISED = """\
workflow: 1
id: appraised
version: 1
title: {vi: Quyết định mẫu, en: Sample decision}
normative: true
by: office-a
lead: office-a
documents:
  decision: {title: Dự thảo, numbered: true}
stages:
  appraisal:
    title: {vi: Thẩm định, en: Appraisal}
    window: 2026-03-02/2026-03-31
    steps:
      write: {uses: draft, with: {document: decision, number: 1}}
      justice: {uses: appraisal, with: {body: agency-b, document: decision, answer_days: 5}, after: [write]}
    transitions: {finish: {to: done, outcome: {justice: [eligible]}}}
  done: {title: {vi: Xong, en: Done}, final: true}
"""


def shown(typed, *arguments: str) -> str:
    """Return what a command printed, on one line, so that wrapping does not matter."""
    result = typed(*arguments)
    assert 0 == result.exit_code, result.output
    return " ".join(result.stdout.split())


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """The shipped plan of 2019 as it stood in July: the dossier lies with the committee's Office."""
    demo = Demo(tmp_path_factory.mktemp("office") / "demo")
    progress = demo.play()
    while next(progress).day <= date(2019, 7, 5):
        pass
    demo.workspace.close()
    return str(demo.workspace.root)


def test_an_empty_workspace_says_so(typed, workspace):
    """Without an open plan there is nothing on standard output, and a word on standard error."""
    result = typed("overview")

    assert (0, "", "There is no open plan.\n") == (result.exit_code, result.stdout, result.stderr)


def test_json_has_one_array_of_plans(done, plan):
    """`overview --json` is one object with `plans` and `next`, each plan with what the head of office asks."""
    listed = json.loads(done("overview", "--json").stdout)

    assert ["plans", "next"] == list(listed)
    (row,) = listed["plans"]
    wanted = {"id", "stage", "drafts", "waiting_on", "lateness", "ahead", "blocked", "buffers", "uncovered_approvals"}
    assert (plan, True) == (row["id"], wanted <= set(row))
    assert ["office-a"] == [waiting["id"] for waiting in row["waiting_on"]]


def test_the_table_names_stage_draft_holder_and_buffer(typed, office):
    """One row says where the plan is, its draft, who holds it since when, and the buffer that is left."""
    text = shown(typed, "--workspace", office, "overview", "--on", "2019-07-25")

    for part in (PLAN, "8. Verification", "4.1", "Office of the", "since 2019-07-08", "30/30", "due in 6 days"):
        assert part in text, part


def test_lateness_is_told_with_its_owner_and_the_date(typed, office):
    """A dossier behind its day is told with the body that has it, and is not late while the buffer takes it."""
    listed = json.loads(typed("--workspace", office, "overview", "--on", "2019-08-10", "--json").stdout)
    (held,) = listed["plans"][0]["in_buffer"]

    assert [] == listed["plans"][0]["lateness"]
    assert ("van-phong-ubnd-tinh", "2019-07-31", 10) == (held["owner"], held["due_on"], held["days_held"])
    assert {"vice-chairman", "verification/revise-4"} == {each["id"] for each in listed["plans"][0]["ahead"]}


def test_overview_gives_the_reasons_of_next(typed, office):
    """What blocks a plan is word for word what `next` says."""
    row = json.loads(typed("--workspace", office, "overview", "--json").stdout)["plans"][0]
    moves = {m["id"]: m for m in json.loads(typed("--workspace", office, "next", PLAN, "--json").stdout)["moves"]}

    assert row["blocked"]
    assert [moves[move["id"]]["reasons"] for move in row["blocked"]] == [move["reasons"] for move in row["blocked"]]


@pytest.mark.parametrize("command", [["overview"], ["show", PLAN]])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_everything_fits_into_80_columns(typed, office, command, language):
    """No line is wider than the terminal, in either language."""
    lines = typed("--workspace", office, "--lang", language, *command, "--on", "2019-09-10").stdout.splitlines()

    assert lines
    assert [] == [line for line in lines if width(line) > 80]


def test_show_says_the_same_of_one_plan(typed, office):
    """`show` names the holder, the lateness with its owner, what blocks the plan, and the buffer."""
    text = shown(typed, "--workspace", office, "show", PLAN, "--on", "2019-09-10")

    for part in ("Waiting on", "since", "Late", "41 days", "What blocks it", "30 of 30 days used, 0 left"):
        assert part in text, part


def test_show_tells_each_reason_once(typed, office):
    """A blocker that keeps the plan in its stage is not told again under its step."""
    text = shown(typed, "--workspace", office, "show", PLAN)

    assert 1 == text.count("waits for the verification by van-phong-ubnd-tinh")


def test_a_vietnamese_reader_gets_vietnamese(typed, office):
    """`--lang vi` has headings and reasons in Vietnamese."""
    text = shown(typed, "--workspace", office, "--lang", "vi", "overview", "--on", "2019-09-10")

    for part in ("đang chờ", "Quá hạn", "41 ngày", "Vướng mắc", "chưa hoàn thành"):
        assert part in text, part


def test_overview_goes_on_behind_the_page_before(done, plan):
    """`next` of a page is what `--after` takes."""
    done("create", "sample-decision", "--id", "2-KH-2026")
    first = json.loads(done("overview", "--json", "--limit", "1").stdout)
    second = json.loads(done("overview", "--json", "--limit", "1", "--after", first["next"]).stdout)

    assert [[plan], ["2-KH-2026"]] == [[row["id"] for row in page["plans"]] for page in (first, second)]
    assert second["next"] is None


def test_a_dossier_that_changes_hands_is_held_since_then(done, workspace, tmp_path):
    """Found incomplete the dossier waits for the drafter since that day, supplemented for the body since the next."""
    (workspace / "definitions" / "appraised.yaml").write_text(APPRAISED, encoding="utf-8")
    done("people", "load")
    done("create", "appraised", "--id", "p", "--start", "2026-03-02", "--on", "2026-03-02")
    paper = tmp_path / "d.txt"
    paper.write_text("một", encoding="utf-8")
    done("act", "p", "write", "submit", "--attach", str(paper), "--on", "2026-03-02")
    holders = []
    for action, day, *more in (
        ("send", "2026-03-03"),
        ("ask-supplement", "2026-03-05", "--missing", "tờ trình"),
        ("supplement", "2026-03-09"),
    ):
        done("act", "p", "justice", action, *more, "--attach", str(paper), "--on", day)
        (row,) = json.loads(done("overview", "--json", "--on", "2026-03-20").stdout)["plans"]
        holders += [(each["id"], each["since"]) for each in row["waiting_on"]]

    assert [("agency-b", "2026-03-03"), ("office-a", "2026-03-05"), ("agency-b", "2026-03-09")] == holders
