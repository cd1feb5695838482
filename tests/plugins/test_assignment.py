"""A table of tasks: fan-out to units, dates with their provenance, hand-in and acceptance."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from trinh_plugins.assignment import AssignmentStep
from workflow import Refused

TABLE = {
    "rows": [
        {"key": "I.1", "label": "1", "title": "Tỷ trọng đầu tư", "lead": "khtc", "due": "2020-03-10"},
        {
            "key": "I.2",
            "title": {"vi": "Kết quả nghiên cứu", "en": "Research results"},
            "lead": "qlkh",
            "inherit": True,
        },
        {"key": "I.3", "title": "Trình độ công nghệ", "lead": "qlcn", "inherit": True},
        {"key": "II", "title": "Dự báo đến 2030", "lead": "@all", "undecided": "ô gộp có thể hết ở mục I"},
    ]
}
GROUPS = {"@all": ("khtc", "qlcn")}


def table(run, rows=None, **more):
    options = TABLE if rows is None else {"rows": rows}
    return run(AssignmentStep(), options, on="2020-03-02", groups=GROUPS, **more)


def codes(refused) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def test_a_group_becomes_one_task_for_each_unit(run):
    """All units means a task of its own for every unit valid on the day."""
    opened = table(run)

    assert {task.key: task.unit for task in opened.state.tasks} == {
        "I.1": "khtc",
        "I.2": "qlkh",
        "I.3": "qlcn",
        "II/khtc": "khtc",
        "II/qlcn": "qlcn",
    }
    assert list(opened.work()) == ["I.1", "I.2", "I.3", "II/khtc", "II/qlcn"]


def test_an_inherited_date_remembers_its_row(run):
    """A merged cell gives its date to every row below, each naming the row that has it."""
    tasks = {task.key: task for task in table(run).state.tasks}

    assert [(tasks[key].due, tasks[key].source, tasks[key].inherited_from) for key in ("I.1", "I.2", "I.3")] == [
        ("2020-03-10", "own", None),
        ("2020-03-10", "inherited", "I.1"),
        ("2020-03-10", "inherited", "I.1"),
    ]


def test_an_undecided_date_stays_undecided(run):
    """Nothing is guessed from the rows above."""
    task = table(run).state.tasks[-1]

    assert (task.due, task.source) == (None, "undecided")


def test_before_is_read_strictly(run):
    """`before` means that the day before is the last good one."""
    rows = [{"key": "a", "title": "Việc", "lead": "khtc", "before": "2020-03-25"}]

    assert table(run, rows).work()["a"].due_on == "2020-03-24"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"key": "a", "title": "Việc", "lead": "x", "inherit": True}], "no row above"),
        ([{"key": "a", "title": "Việc", "lead": "x", "due": "2020-03-10", "undecided": "?"}], "more than one date"),
        ([{"key": "a", "title": "Việc", "lead": "x"}, {"key": "a", "title": "Việc", "lead": "y"}], "share a key"),
        ([{"key": "a/b", "title": "Việc", "lead": "x"}], "pattern"),
        ([], "at least 1"),
    ],
)
def test_an_unsound_table_is_refused_when_it_is_read(rows, said):
    """A table whose dates or keys contradict each other never gets as far as a plan."""
    with pytest.raises(ValidationError, match=said):
        AssignmentStep.Options.model_validate({"rows": rows})


def test_a_group_without_units_is_refused(run):
    """A task that nobody owes is not opened silently."""
    with pytest.raises(Refused) as refused:
        run(AssignmentStep(), TABLE, on="2020-03-02", groups={"@all": ()})

    assert codes(refused) == ["empty-group"]


def test_the_table_is_done_with_the_last_acceptance(run):
    """Every task is handed in and accepted, in any order, before the table is done."""
    opened = table(run)
    keys = [task.key for task in opened.state.tasks]
    for key in reversed(keys):
        assert not opened.complete
        opened.act("hand-in", "2020-03-09", row=key)
        opened.act("accept", "2020-03-09", row=key)

    assert opened.complete


def test_a_task_is_owed_until_it_is_handed_in(run):
    """The unit owes the task, the lead the acceptance; progress is partial in between."""
    opened = table(run, lead="khtc")
    opened.act("hand-in", "2020-03-09", row="II/qlcn")

    assert opened.owed() == ["I.1", "I.2", "I.3", "II/khtc", "accept:II/qlcn"]
    assert opened.work()["II/qlcn"].done_on == "2020-03-09"
    reasons = {str(reason): reason.who for reason in opened.step_type.blockers(opened.view)}
    assert reasons["Task II/qlcn of qlcn has not been accepted"] == ("khtc",)
    assert reasons["qlkh has not handed in task I.2"] == ("qlkh",)


@pytest.mark.parametrize(("on", "late"), [("2020-03-10", False), ("2020-03-11", True)])
def test_lateness_is_judged_on_the_day_it_was_handed_in(run, on, late):
    """The due day itself is still in time."""
    act = table(run).act("hand-in", on, row="I.1", note="Báo cáo kèm theo")

    assert (act.data["late"], act.on_behalf) == (late, "khtc")


def test_a_task_sent_back_is_owed_again(run):
    """Sending back needs a reason and opens the task again."""
    opened = table(run)
    opened.act("hand-in", "2020-03-09", row="I.1")
    opened.act("return", "2020-03-10", row="I.1", reason="Thiếu số liệu năm 2019")

    assert "I.1" in opened.owed()
    opened.act("hand-in", "2020-03-12", row="I.1")
    assert opened.state.tasks[0].returns == 1


@pytest.mark.parametrize(
    ("before", "action", "row", "code"),
    [
        ([], "hand-in", "I.9", "unknown-row"),
        ([], "hand-in", "II", "unknown-row"),
        ([], "accept", "I.1", "not-handed-in"),
        ([], "return", "I.1", "not-handed-in"),
        (["hand-in"], "hand-in", "I.1", "already-handed-in"),
        (["hand-in", "accept"], "accept", "I.1", "already-accepted"),
        (["hand-in", "accept"], "return", "I.1", "already-accepted"),
    ],
)
def test_an_act_out_of_turn_is_refused(run, before, action, row, code):
    """A refusal tells what the task's state is."""
    opened = table(run, acts=[(name, "2020-03-09", {"row": "I.1"}) for name in before])

    with pytest.raises(Refused) as refused:
        opened.act(action, "2020-03-09", row=row, **({"reason": "Thiếu"} if action == "return" else {}))

    assert codes(refused) == [code]


def test_a_decided_date_reaches_the_whole_row(run):
    """Deciding the date of a row gives it to each unit's task; one unit's task can be decided alone."""
    opened = table(run)

    opened.act("decide-date", "2020-03-05", row="II/qlcn", due="2020-03-20", reason="Đề nghị của phòng")
    opened.act("decide-date", "2020-03-05", row="II", due="2020-03-24", reason="Mục II.2 của kế hoạch")

    assert {key: item.due_on for key, item in opened.work().items() if key.startswith("II")} == {
        "II/khtc": "2020-03-24",
        "II/qlcn": "2020-03-20",
    }
    assert {task.source for task in opened.state.tasks[-2:]} == {"decided"}


def test_a_decided_date_moves_the_rows_that_inherit_it_and_no_others(run):
    """A row below that inherits from the undecided row gets its date with it."""
    rows = [
        {"key": "a", "title": "Việc", "lead": "khtc", "undecided": "chưa rõ"},
        {"key": "b", "title": "Việc", "lead": "qlcn", "inherit": True},
        {"key": "c", "title": "Việc", "lead": "qlkh", "undecided": "chưa rõ"},
    ]
    opened = table(run, rows)

    opened.act("decide-date", "2020-03-05", row="a", due="2020-03-24", reason="Giám đốc quyết định")

    assert [(task.due, task.source) for task in opened.state.tasks] == [
        ("2020-03-24", "decided"),
        ("2020-03-24", "inherited"),
        (None, "undecided"),
    ]


@pytest.mark.parametrize(
    ("row", "due", "code"),
    [("I.1", "2020-03-24", "date-known"), ("II", "2020-03-04", "date-in-the-past"), ("X", "2020-03-24", "unknown-row")],
)
def test_a_date_is_decided_only_where_there_is_none(run, row, due, code):
    """A known date, a day already past and an unknown row are refused."""
    with pytest.raises(Refused) as refused:
        table(run).act("decide-date", "2020-03-05", row=row, due=due, reason="Vì sao")

    assert codes(refused) == [code]


def test_the_rows_unit_hands_it_in(run):
    """Each unit may hand in its own row; acceptance is for those whom the definition names."""
    opened = table(run)
    performers = opened.step_type.performers
    hand_in = opened.step_type.actions()["hand-in"].parameters(row="I.2")

    assert performers(opened.view, "hand-in", hand_in) == ("qlkh",)
    assert performers(opened.view, "hand-in", None) == ("khtc", "qlkh", "qlcn")
    assert performers(opened.view, "accept", None) == ()


def test_correcting_the_row_above_moves_the_rows_that_inherit_and_no_others(run):
    """The merged cell moves as one; rows with a date of their own, and undecided ones, stay."""
    rows = [
        *TABLE["rows"],
        {"key": "III", "title": "Việc khác", "lead": "khtc", "due": "2020-03-10"},
    ]
    opened = table(run, rows)
    opened.act("correct-date", "2020-03-05", row="I.1", due="2020-03-13", reason="Chép nhầm ngày")

    assert [(task.key, task.due, task.source) for task in opened.state.tasks] == [
        ("I.1", "2020-03-13", "corrected"),
        ("I.2", "2020-03-13", "inherited"),
        ("I.3", "2020-03-13", "inherited"),
        ("II/khtc", None, "undecided"),
        ("II/qlcn", None, "undecided"),
        ("III", "2020-03-10", "own"),
    ]
    assert {task.planned for task in opened.state.tasks[:3]} == {"2020-03-10"}


def test_a_row_that_inherits_is_corrected_alone(run):
    """It leaves the merged cell: the other rows stay, also when the cell is corrected later."""
    opened = table(run)
    opened.act("correct-date", "2020-03-05", row="I.2", due="2020-03-16", reason="Phòng có nhiều số liệu")
    opened.act("correct-date", "2020-03-05", row="I.1", due="2020-03-13", reason="Chép nhầm ngày")

    assert {task.key: task.due for task in opened.state.tasks[:3]} == {
        "I.1": "2020-03-13",
        "I.2": "2020-03-16",
        "I.3": "2020-03-13",
    }


def test_an_accepted_task_keeps_the_date_by_which_it_was_judged(run):
    """Closed work is not moved; the event says which was kept and what the date was."""
    acts = [("hand-in", "2020-03-09", {"row": "I.2"}), ("accept", "2020-03-09", {"row": "I.2"})]
    act = table(run, acts=acts).act("correct-date", "2020-03-10", row="I.1", due="2020-03-13", reason="Chép nhầm")

    assert (act.data["inheriting"], act.data["kept"], act.data["was"]) == (["I.3"], ["I.2"], ["2020-03-10"])


@pytest.mark.parametrize(
    ("row", "due", "code"),
    [("II", "2020-03-24", "date-undecided"), ("I.1", "2020-03-10", "same-date"), ("X", "2020-03-24", "unknown-row")],
)
def test_only_a_date_that_is_wrong_is_corrected(run, row, due, code):
    """An undecided date is decided, not corrected."""
    with pytest.raises(Refused) as refused:
        table(run).act("correct-date", "2020-03-05", row=row, due=due, reason="Vì sao")

    assert codes(refused) == [code]


def test_a_row_handed_out_inherits_the_date_its_row_above_has_now(run):
    """Also one that was corrected meanwhile, whatever the file still says."""
    opened = table(run)
    opened.act("correct-date", "2020-03-05", row="I.1", due="2020-03-13", reason="Chép nhầm ngày")
    given = {"row": "I.4", "content": "Tổ chức bộ máy", "lead": "khtc", "inherits": "I.3", "due": "2020-03-10"}
    opened.act("hand-out", "2020-03-06", **given)

    task = opened.state.tasks[-1]
    assert (task.due, task.source, task.inherited_from) == ("2020-03-13", "inherited", "I.1")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"row": "I.1"}, "row-exists"),
        ({"due": "2020-03-10", "before": "2020-03-12"}, "several-dates"),
        ({"inherits": "IX"}, "row-above-missing"),
        ({"lead": "giai-the"}, "unknown-lead"),
        ({"lead": "@nobody"}, "empty-group"),
    ],
)
def test_what_cannot_be_handed_out_is_refused(run, given, code):
    """A key that is taken, two dates, a date of nowhere, a lead that there is not."""
    groups = {**GROUPS, "@nobody": ()}
    opened = run(AssignmentStep(), TABLE, on="2020-03-02", groups=groups, units=("khtc", "qlkh", "qlcn"))
    with pytest.raises(Refused) as refused:
        opened.act("hand-out", "2020-03-06", **{"row": "N", "content": "Việc", "lead": "khtc", **given})

    assert codes(refused) == [code]


def test_a_table_that_was_done_goes_on_with_a_new_task(run):
    """The group's leader hands out more; then it is open again until that is accepted."""
    opened = run(AssignmentStep(), {"handed_out_by": "leader"}, on="2020-03-02", lead="khtc")
    assert opened.blockers()["nothing-handed-out"].who == ("leader",)
    for row in ("1", "2"):
        opened.act("hand-out", "2020-03-02", row=row, content="Việc", lead="qlkh", undecided="chờ")
        opened.act("hand-in", "2020-03-03", row=row)
        opened.act("accept", "2020-03-03", row=row)
        assert opened.complete

    assert opened.step_type.reserved(opened.view, "hand-out") == ("leader",)
    assert opened.step_type.reserved(opened.view, "accept") == ()


def test_all_units_show_their_progress(run):
    """Beside each task that is missing stands how far the row is, with the units that are not done."""
    opened = table(run)
    opened.act("hand-in", "2020-03-09", row="II/khtc")
    act = opened.act("accept", "2020-03-09", row="II/khtc")

    assert (act.data["done"], act.data["of"]) == (1, 2)
    assert str(opened.blockers()["row-progress"]) == "Row II: 1 of 2 units are done; missing: qlcn"


FIGURES = [
    {
        "key": "A",
        "title": "Kinh phí",
        "lead": "@all",
        "due": "2020-03-10",
        "figures": [{"key": "spent", "title": "Đã chi", "decimals": 2}, {"key": "firms", "title": "Số doanh nghiệp"}],
    }
]


def test_a_task_is_not_accepted_without_its_figures(run):
    """Every figure that the row asks for has to be there."""
    opened = table(run, FIGURES)
    opened.act("hand-in", "2020-03-09", row="A/khtc")
    opened.act("report-figure", "2020-03-09", row="A/khtc", figure="firms", value="12")
    with pytest.raises(Refused) as refused:
        opened.act("accept", "2020-03-09", row="A/khtc")

    assert codes(refused) == ["figures-missing"]
    opened.act("report-figure", "2020-03-09", row="A/khtc", figure="spent", value="0")
    opened.act("accept", "2020-03-09", row="A/khtc")


def test_a_total_is_complete_when_every_unit_reported(run):
    """The sum stands in the event, with nobody missing; a number reported again takes the place of the first."""
    opened = table(run, FIGURES)
    opened.act("report-figure", "2020-03-09", row="A/khtc", figure="spent", value="1.000.000,25")
    act = opened.act("report-figure", "2020-03-09", row="A/qlcn", figure="spent", value="2.000.000,50")
    assert (act.data["total"], act.data["missing"]) == ("3000000.75", [])
    again = opened.act("report-figure", "2020-03-10", row="A/khtc", figure="spent", value="1")

    assert (again.data["was"], again.data["total"]) == ("1000000.25", "2000001.5")


def test_a_row_with_several_figures_wants_to_know_which(run):
    """Nothing is guessed."""
    with pytest.raises(Refused) as refused:
        table(run, FIGURES).act("report-figure", "2020-03-09", row="A/khtc", value="12")

    assert codes(refused) == ["unknown-figure"]
