"""`due` answers for a person, a unit and the department: late, due soon, waiting on others, and what to decide."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from paper_office import PLAN, Office


def asked(office: Office, *arguments: str) -> Any:
    """What a command answers with `--json`."""
    result = office.typed(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def words(office: Office, *arguments: str) -> str:
    """What a command prints, on one line."""
    result = office.typed(*arguments)
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


@pytest.fixture
def asking(found, tmp_path) -> Office:
    """Four bodies are asked for their opinions, and one has answered."""
    office = found()
    paper = tmp_path / "du-thao.txt"
    paper.write_text("dự thảo", encoding="utf-8")
    office.act("write", "submit", "2026-03-03", attach=[paper])
    office.answer("co-quan-001", "agree", "2026-03-05")
    return office


def test_who_asks_for_opinions_waits_for_the_bodies_that_are_silent(asking):
    """The unit that leads the round waits for the three that have not answered, and owes none of it itself."""
    waiting = asked(asking, "due", "--unit", "phong-a", "--waiting")["waiting"]
    silent = [each for each in waiting if each["step"] == "work/round"]

    assert sorted(each["owner"] for each in silent) == ["co-quan-002", "co-quan-003", "co-quan-004"]
    assert {each["asked_by"] for each in silent} == {"phong-a"}
    owed = asked(asking, "due", "--unit", "phong-a")
    assert not {each["id"] for each in owed["work_items"]} & {each["id"] for each in waiting}
    assert owed["counts"]["waiting"] == len(waiting)


def test_nobody_waits_for_itself(asking):
    """A department that asks its own divisions waits for none of them: what they owe is its own."""
    waiting = asked(asking, "due", "--unit", "so", "--waiting")["waiting"]

    assert "phong-b" not in {each["owner"] for each in waiting}


def test_the_list_is_counted_and_in_sections(asking):
    """The first line says how much there is of each kind, and each kind has its heading."""
    asking.write("2026-03-11")
    counts = asked(asking, "due", "--unit", "phong-a")["counts"]
    text = words(asking, "due", "--unit", "phong-a")

    first = f"Late: {counts['late']} · due within 14 days: {counts['due_soon']} · later: {counts['later']}"
    assert text.startswith(first)
    assert counts["late"] == len(asked(asking, "due", "--unit", "phong-a", "--late")["work_items"])
    assert f"waiting on others: {counts['waiting']}" in text
    assert "Waiting on others who" in text or "Waiting on others due" in text


def test_a_page_of_the_list_is_counted_whole(asking):
    """However short the page is, the counts are those of everything."""
    page, whole = asked(asking, "due", "--limit", "1"), asked(asking, "due")

    assert (len(page["work_items"]), page["counts"]) == (1, whole["counts"])
    assert whole["counts"]["open"] == len(whole["work_items"]) > 1


def test_of_a_long_list_only_the_first_are_counted(asking, monkeypatch):
    """Beside a page nothing is counted that grows with all there is; the list says that there is more."""
    whole = asked(asking, "due", "--unit", "phong-a")["counts"]
    monkeypatch.setattr("workflow.queries.awaiting.COUNTED", 2)
    first = asked(asking, "due")["counts"]

    assert (False, True) == (whole["more"], first["more"])
    assert 2 == first["open"]
    assert "there is more than was counted" in words(asking, "due", "--unit", "phong-a")
    assert not any(unit["more"] for unit in asked(asking, "due", "--by-unit")["units"])


def test_pages_of_what_is_waited_for_come_one_behind_the_other(asking):
    """`next` of a page is what `--after` takes."""
    whole = asked(asking, "due", "--unit", "phong-a", "--waiting")["waiting"]
    pages, after = [], ""
    while after is not None:
        page = asked(asking, "due", "--unit", "phong-a", "--waiting", "--limit", "2", "--after", after)
        pages += page["waiting"]
        after = page["next"]

    assert pages == whole


def test_the_head_of_a_page_of_what_is_waited_for_counts_all_of_it(asking):
    """However short the page is, and whether only what is late was asked for."""
    for asked_for in (["--unit", "phong-a"], []):
        whole = asked(asking, "due", *asked_for, "--waiting", "--on", "2026-09-01")["waiting"]
        late = sum(item["late"] for item in whole)
        head, behind = (
            words(asking, "due", *asked_for, "--waiting", "--on", "2026-09-01", "--limit", "1", *more)
            for more in ([], ["--late"])
        )

        assert len(whole) > 1 and late > 1
        assert head.startswith(f"Waiting on others: {len(whole)}, late: {late} ")
        assert behind.startswith(f"Waiting on others: {late}, late: {late} ")


def test_what_is_waited_for_goes_into_a_table(asking):
    """`--waiting --csv` writes who has it and who waits for it."""
    table = asking.typed("due", "--unit", "phong-a", "--waiting", "--csv", "-").stdout.lstrip("\ufeff")
    rows = [row for row in csv.DictReader(io.StringIO(table)) if "round" in row["step"]]

    assert sorted(row["owed by"] for row in rows) == ["co-quan-002", "co-quan-003", "co-quan-004"]
    assert {row["waited for by"] for row in rows} == {"Phòng Quản lý Công nghệ"}
    heads = next(csv.reader(io.StringIO(asking.typed("due", "--csv", "-", "--lang", "vi").stdout)))
    assert "tên đơn vị, người" in heads and "họ tên" not in heads


def test_the_director_sees_how_much_each_unit_owes(asking):
    """Late, due soon, owed and waiting for each unit are as many as its own list has, on screen, in JSON and CSV."""
    asking.write("2026-03-11")
    units = {each["id"]: each for each in asked(asking, "due", "--by-unit")["units"]}

    for unit in ("phong-a", "phong-b", "co-quan-002"):
        own = asked(asking, "due", "--unit", unit)["counts"]
        assert {name: units[unit][name] for name in own} == own, unit
    assert asking.typed("due", "--by-unit", "--csv", "units.csv").exit_code == 0
    rows = {row["unit"]: row for row in csv.DictReader(io.StringIO(Path("units.csv").read_text("utf-8-sig")))}
    assert {unit: int(row["late"]) for unit, row in rows.items()} == {id_: each["late"] for id_, each in units.items()}
    assert "Phòng Kế hoạch" in words(asking, "due", "--by-unit")


def test_a_request_for_a_later_day_shows_where_it_is_decided(asking):
    """It stands in next, overview, show and due of who decides, with the command that answers it."""
    result = asking.typed(
        "reschedule", PLAN, "work", "--due", "2026-04-20", "--ask", "--reason", "Chậm số liệu", "--as", "anna"
    )
    assert result.exit_code == 0, result.output

    for command in (("next", PLAN), ("overview",), ("show", PLAN), ("due",), ("due", "--unit", "phong-a")):
        answer = asked(asking, *command)
        (each,) = answer["plans"][0]["later_days_asked"] if command == ("overview",) else answer["later_days_asked"]
        assert (each["where"], each["due_on"]) == ("work", "2026-04-20"), command
        text = words(asking, *command)
        assert "Nguyễn Thị An" in text and f"workflow reschedule {PLAN} work --grant" in text, command
    assert asked(asking, "due", "--person", "chi")["later_days_asked"] == []


@pytest.mark.parametrize(
    "arguments",
    [("--explain", f"{PLAN}/work", "--csv", "-"), ("--by-unit", "--unit", "so"), ("--waiting", "--ics", "-")],
)
def test_options_that_do_not_go_together_are_refused(asking, arguments):
    """Nothing that was asked for is dropped silently."""
    result = asking.typed("due", *arguments)

    assert (result.exit_code, "does not go with" in result.stderr) == (2, True)


def test_show_sums_up_long_lists_and_shows_one_step_whole(found, tmp_path):
    """Of ninety bodies that are silent ten stand in each list, with the command that shows the others."""
    office = found(units=90)
    paper = tmp_path / "du-thao.txt"
    paper.write_text("dự thảo", encoding="utf-8")
    office.act("write", "submit", "2026-03-03", attach=[paper])
    short, whole = (office.typed("show", PLAN, *more).stdout for more in ((), ("--all",)))

    assert len(short.splitlines()) < 150 < len(whole.splitlines())
    assert f"more: workflow show {PLAN} --all" in " ".join(short.split())
    step = " ".join(office.typed("show", PLAN, "round", "--all").stdout.split())
    assert all(f"round@1#co-quan-{number:03d}" in step for number in range(1, 91))
    assert "Giao việc" not in step and "Tasks" not in step
    assert office.typed("show", PLAN, "nowhere").exit_code == 2


def test_who_may_do_something_is_told_by_name(asking):
    """Units, offices and people stand with their names on the screen, and with their ids in JSON."""
    for command in ("show", "next"):
        text = words(asking, command, PLAN)
        assert "Phòng Quản lý Công nghệ" in text, command
        assert "possible for: phong-a" not in text and "by phong-a" not in text, command
    assert "phong-a" in json.dumps(asked(asking, "next", PLAN))


def test_each_stay_in_a_stage_is_shown(found, tmp_path):
    """A stage that was left and entered again stands with both of its stays."""
    from paper_office import DEFINITION

    back = DEFINITION.replace(
        "transitions: {finish: {to: done, allow_open_steps: true}}\n",
        "transitions: {on: {to: later, allow_open_steps: true}}\n"
        "  later:\n    title: {vi: Sau, en: Later}\n"
        "    transitions: {back: {to: work}, finish: {to: done}}\n",
    )
    office = found(definition=back)
    for trigger, day in (("on", "2026-03-05"), ("back", "2026-03-06"), ("on", "2026-03-09")):
        office.service.advance(PLAN, trigger, office.write(day))
    stages = office.typed("show", PLAN).stdout.partition("\nStages\n")[2].partition("\n\n")[0]

    for stay in ("2026-03-02", "2026-03-06"):
        assert stay in stages
    assert stages.count("2026-03-05") == 2


def test_days_stand_as_the_reader_writes_them(asking):
    """A Vietnamese reader sees 10/03/2026 in due, show and overview, an English one and a program 2026-03-10."""
    for command in (("due",), ("show", PLAN)):
        vi, en = (asking.typed(*command, "--lang", language).stdout for language in ("vi", "en"))
        assert ("10/03/2026" in vi, "2026-03-10" in vi) == (True, False), command
        assert ("10/03/2026" in en, "2026-03-10" in en) == (False, True), command
    assert "2026-03-10" in asking.typed("due", "--json", "--lang", "vi").stdout
    assert "2026-03-10" in asking.typed("due", "--csv", "-", "--lang", "vi").stdout
