"""The plans of 2020 and 2024 against tables copied from the source documents, and played to their end.

The tables were written from the text of the documents, not from the definitions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from workflow import bootstrap, demo
from workflow.audit import event_of
from workflow.check import check
from workflow.clock import SimulatedClock
from workflow.deadlines import schedule
from workflow.language.definition import Definition
from workflow.language.loader import Loaded, load_path
from workflow.plan.state import PlanState
from workflow.projection import work_items
from workflow.registry import Registry
from workflow.store.interface import WorkItemRow
from workflow.views.plans import Write

P2020, P2024 = "master-plan-contribution-2020", "standards-support-2024"

# -- the source of 28 February 2020 ------------------------------------------------------------------

CHAIN_2020 = [
    ("II.3 (1)", "xây dựng phương án quy hoạch của ngành"),
    ("II.3 (2)", "báo cáo thường trực ubnd tỉnh, thường trực tỉnh ủy"),
    ("II.3 (3)", "đơn vị tư vấn hoàn thiện"),
    ("II.3 (4)", "gửi các huyện, thành phố cho ý kiến"),
    ("II.4 (5)", "thẩm định nội dung ngành trong phương án cấp huyện"),
    ("II.4 (6)", "hoàn thiện theo ý kiến các huyện, thành phố"),
    ("II.4 (7)", "báo cáo ubnd tỉnh phương án quy hoạch ngành"),
    ("II.4 (8)", "gửi sở kế hoạch và đầu tư"),
]
"""The steps of sections II.3 and II.4 in their order, with words of theirs; the source dates none."""

ANNEX_2020 = [
    # TT, lead unit as the source calls it, words of the task, last good day on opening, where the day comes from
    ("I.1", "Phòng Kế hoạch Tài chính", "vốn đầu tư", "2020-03-10", "own", None),
    ("I.2", "Phòng Quản lý Khoa học", "nghiên cứu, ứng dụng", "2020-03-10", "inherited", "I.1"),
    ("I.3", "Phòng Quản lý Công nghệ và Thị trường công nghệ", "TFP", "2020-03-10", "inherited", "I.1"),
    ("I.4", "Văn phòng Sở", "bộ máy quản lý nhà nước", "2020-03-10", "inherited", "I.1"),
    ("I.5", "Phòng Quản lý KH&CN cơ sở", "tổ chức KH&CN", "2020-03-10", "inherited", "I.1"),
    ("I.6", "Phòng Quản lý chuyên ngành", "an toàn bức xạ hạt nhân", "2020-03-10", "inherited", "I.1"),
    ("I.7", "Thanh tra Sở", "Thanh tra, kiểm tra", "2020-03-10", "inherited", "I.1"),
    ("I.8", "Chi cục Tiêu chuẩn Đo lường Chất lượng", "tiêu chuẩn đo lường", "2020-03-10", "inherited", "I.1"),
    ("I.9", "Trung tâm Ứng dụng KH&CN", "Nguồn nhân lực", "2020-03-10", "inherited", "I.1"),
    ("II", "Các phòng, đơn vị trực thuộc Sở", "Dự báo", None, "undecided", None),
]

SERIES_2020 = {
    # step: (rhythm, owed before this day of the month, who owes it, to whom)
    "weekly-plan": ("week", None, ["@so-units"], "phong-khtc"),
    "monthly-report": ("month", 13, ["@so-units"], "phong-khtc"),
    "weekly-consolidated": ("week", None, ["phong-khtc"], "ban-chi-dao-quy-hoach"),
}

MONTHLY_DUE_2020 = {
    # "trước ngày 13": the 12th; in April it is a Sunday
    "2020-03": "2020-03-12",
    "2020-04": "2020-04-10",
    "2020-05": "2020-05-12",
    "2020-06": "2020-06-12",
}

# -- the source of March 2024 ------------------------------------------------------------------------

CEILING_2024 = 810_000_000
HEADS_2024 = [
    "Áp dụng tiêu chuẩn",
    "Áp dụng công cụ, mô hình, phương pháp quản lý tiên tiến",
    "Giải thưởng chất lượng",
    "Công bố tiêu chuẩn cơ sở",
    "Công bố hợp chuẩn",
    "Truy xuất nguồn gốc",
]
"""What the resolution of the preamble supports."""
CHANNELS_2024 = ["truyền thông, website", "thanh tra, kiểm tra", "hội nghị, hội thảo", "chuyên môn", "văn bản đề nghị"]
STANDING_2024 = ["thủ tục hành chính", "khó khăn, vướng mắc"]


@dataclass(frozen=True)
class Played:
    """A workspace in which one scenario was played to its end."""

    state: PlanState
    items: dict[str, dict[str, WorkItemRow]]
    told: list[demo.Progress]
    findings: tuple[Any, ...]
    events: list[Any]


def read(name: str) -> Loaded:
    return load_path(bootstrap.shipped_definitions() / f"{name}.yaml")


def planned(definition: Definition, start: date) -> dict[str, dict[str, Any]]:
    return schedule(definition, start, Registry(None).calendars[definition.calendar])


def people() -> Any:
    path = bootstrap.shipped_definitions() / "data" / bootstrap.PEOPLE
    return bootstrap.read_register(path.read_bytes(), path.name)[0]


def walk(name: str, folder: Path) -> Played:
    """Play a scenario in a workspace of its own and look at what it left behind."""
    root = bootstrap.init_workspace(folder / "workspace")
    clock = SimulatedClock(datetime(2019, 1, 1, 1, tzinfo=UTC))
    workspace = bootstrap.open_workspace(root, clock=clock)
    service = workspace.service
    service.load_people((root / bootstrap.PEOPLE).read_bytes(), bootstrap.PEOPLE, Write(actor=None))
    scenario = demo.read_scenario(bootstrap.shipped_definitions() / f"{name}.scenario.yaml")
    told = list(demo.play(workspace, clock, [scenario]))
    row = service.require_plan(scenario["plan"])
    state = service.state_of(row)
    items: dict[str, dict[str, WorkItemRow]] = {}
    for (step, _, key), item in work_items(state, service.process_of(row.definition)).items():
        items.setdefault(step, {})[key] = item
    played = Played(state, items, told, service.record.verify().findings, list(service.store.events(row.id)))
    workspace.close()
    return played


@pytest.fixture(scope="module")
def played_2020(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    yield walk(P2020, tmp_path_factory.mktemp("p2020"))


@pytest.fixture(scope="module")
def played_2024(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    yield walk(P2024, tmp_path_factory.mktemp("p2024"))


@pytest.mark.parametrize("name", [P2020, P2024])
def test_check_finds_nothing_to_mend(name: str) -> None:
    """Check has remarks on the source's own numbers at most."""
    registry = Registry(None)
    found = check(read(name), registry.step_types, set(registry.guards), people())
    assert [str(problem) for problem in found if problem.severity != "note"] == []


def test_2020_cites_what_the_source_cites() -> None:
    """Number blank, day, legal basis, recipients and signer are the source's."""
    definition = read(P2020).definition
    assert (definition.number, definition.issued) == ("/KH-KHCN", "2020-02-28")
    assert [(basis.number, basis.date) for basis in definition.bases] == [("48/KH-UBND", "2020-02-21")]
    assert sum(recipient.electronic for recipient in definition.recipients) == 6
    assert definition.recipients[-1].to.vi == "Lưu: VT, KHTC"
    assert definition.signed_by is not None and "Nguyễn Phúc Thương" in definition.signed_by.vi


def test_2020_has_the_chain_in_the_source_order_without_dates() -> None:
    """The eight steps of II.3 and II.4 follow each other, lead to a final stage, and none has a date."""
    definition = read(P2020).definition
    *chain, last = definition.stages.values()
    assert [stage.label for stage in chain] == [label for label, _ in CHAIN_2020]
    for stage, (_, words) in zip(chain, CHAIN_2020, strict=True):
        assert words in stage.title.vi.lower()
        assert not stage.dated
    assert last.final
    forward = list(definition.stages)
    for here, following in zip(forward, forward[1:], strict=False):
        assert following in [way.to for way in definition.stages[here].transitions.values()]


def test_2020_has_the_annex_row_by_row() -> None:
    """Each row of the annex has its lead and its date cell: written, merged, or undecided with the reason."""
    definition, register = read(P2020).definition, people()
    rows = definition.alongside["assignment"].with_["rows"]
    known = {name: id_ for id_, unit in register.units.items() for name in (unit.name.vi, *unit.aliases)}
    known["Các phòng, đơn vị trực thuộc Sở"] = "@so-units"
    assert len(rows) == len(ANNEX_2020)
    for row, (key, lead, words, due, source, _) in zip(rows, ANNEX_2020, strict=True):
        assert (row["key"], row["lead"]) == (key, known[lead])
        assert words in row["title"]["vi"]
        assert str(row.get("due")) == (due if source == "own" else "None")
        assert bool(row.get("inherit")) == (source == "inherited")
        assert bool(row.get("undecided")) == (source == "undecided")


def test_2020_bounds_the_status_content_strictly() -> None:
    """The words "trước ngày 25/3/2020" make 24 March the last good day."""
    dates = planned(read(P2020).definition, date(2020, 2, 28))
    assert dates["status-content"]["due"] == "2020-03-24"
    assert (dates["status-content"]["kind"], dates["status-content"]["policy"]) == ("before", "strict")


def test_2020_has_each_series_until_the_master_plan_is_adopted() -> None:
    """Rhythm, debtor and receiver of each report are the source's, and their end is an event outside."""
    alongside = read(P2020).definition.alongside
    for name, (every, before, units, to) in SERIES_2020.items():
        options = alongside[name].with_
        assert (options["every"], options.get("day_before"), list(options["units"]), options["to"]) == (
            every,
            before,
            units,
            to,
        )
        until = alongside[name].until
        assert until is not None and until.event is not None


def test_2020_leaves_open_what_comes_on_request() -> None:
    """Urgent reports and changes to the proposals wait for a request and hold nothing up."""
    alongside = read(P2020).definition.alongside
    for name in ("urgent-report", "adjust-on-request"):
        assert alongside[name].on_request and not alongside[name].required
    assert alongside["cooperation"].continuous
    assert alongside["monthly-consolidated"].undecided


def test_2020_opens_with_the_dates_of_the_annex(played_2020: Played) -> None:
    """The opened table has each day with where it came from; row II gave every unit a task of its own."""
    opened = _opened(played_2020, "assignment")["tasks"]
    for key, _, _, due, source, origin in ANNEX_2020:
        tasks = [task for task in opened if task["row"] == key]
        assert len(tasks) == (9 if key == "II" else 1)
        assert {(task["due"], task["source"], task["inherited_from"]) for task in tasks} == {(due, source, origin)}


def test_2020_decides_the_open_date_with_a_reason(played_2020: Played) -> None:
    """Row II got its day by a decision, and is then due like any other."""
    tasks = played_2020.state.steps["assignment"].current.state["tasks"]
    of_two = [task for task in tasks if task["row"] == "II"]
    assert {(task["due"], task["source"]) for task in of_two} == {("2020-03-20", "decided")}
    assert sum(task["handed_in_on"] > task["due"] for task in of_two) == 1


def test_2020_sends_one_task_back(played_2020: Played) -> None:
    """Row I.3 came back once and was then accepted, as all were."""
    tasks = played_2020.state.steps["assignment"].current.state["tasks"]
    assert {task["row"]: task["returns"] for task in tasks if task["returns"]} == {"I.3": 1}
    assert all(task["accepted_on"] for task in tasks)


def test_2020_moves_the_monthly_day_before_a_day_off(played_2020: Played) -> None:
    """The first month is March, and each month is due on the 12th or the working day before."""
    periods = played_2020.state.steps["monthly-report"].current.state["periods"]
    assert {period["key"]: period["due"] for period in periods} == MONTHLY_DUE_2020


def test_2020_keeps_what_was_missed(played_2020: Played) -> None:
    """Reports that nobody made are still there after the series ended, and nobody owes them any more."""
    items = played_2020.items
    missed = [item for item in items["monthly-report"].values() if item.done_on is None]
    assert sorted((item.key, item.open) for item in missed) == [
        ("2020-05/thanh-tra-so", False),
        ("2020-06/phong-qlkhcn-co-so", False),
    ]
    late = [item.key for item in items["monthly-report"].values() if item.done_on and item.done_on > str(item.due_on)]
    assert late == ["2020-04/tt-ung-dung-khcn"]
    assert any(item.done_on is None for item in items["weekly-plan"].values())
    assert len({key.split("/")[0] for key in items["weekly-consolidated"]}) > 10


def test_2020_walks_the_chain_in_order(played_2020: Played) -> None:
    """The plan went through the eight stages in order, once back for the committee's changes."""
    forward = list(read(P2020).definition.stages)
    visits = [visit.stage for visit in played_2020.state.visits]
    assert visits == [*forward[:7], *forward[5:]]


def test_2024_cites_what_the_source_cites() -> None:
    """Number and day blank, the resolution, the missing section III, the signer."""
    definition = read(P2024).definition
    assert (definition.number, definition.issued) == ("/KH-KHCN", "2024-03")
    assert [(basis.number, basis.date) for basis in definition.bases] == [("43/2022/NQ-HĐND", "2022-12-09")]
    assert [section.label for section in definition.outline] == ["I", "II", "IV"]
    assert [recipient.to.vi for recipient in definition.recipients][-1] == "Lưu: VT, TĐC"
    assert definition.signed_by is not None and "Triệu Ngọc Trung" in definition.signed_by.vi
    assert definition.lead == "chi-cuc-tdc"


def test_2024_has_the_ceiling_and_no_other_limit() -> None:
    """The fund has the source's sum, year and heads, the Director decides, and no term or date stands on it."""
    step = read(P2024).definition.steps["carrying-out/fund"]
    assert (step.uses, step.with_["ceiling"], step.with_["year"]) == ("support-fund", CEILING_2024, 2024)
    assert [title["vi"] for title in step.with_["heads"].values()] == HEADS_2024
    assert (step.with_["decided_by"], step.with_["appraised_by"]) == ("director", "chi-cuc-tdc")
    assert not [option for option in step.with_ if option.endswith("_days")]
    assert not step.dated


def test_2024_has_five_channels_and_two_reviews_without_a_day() -> None:
    """Publicity and the standing reviews last over the year and are never late."""
    definition = read(P2024).definition
    dates = planned(definition, date(2024, 3, 18))
    publicity = {id_: step for id_, step in definition.alongside.items() if step.label == "II.1"}
    reviews = {id_: step for id_, step in definition.alongside.items() if step.label == "IV.2"}
    for steps, words in ((publicity, CHANNELS_2024), (reviews, STANDING_2024)):
        assert len(steps) == len(words)
        for (id_, step), word in zip(steps.items(), words, strict=True):
            assert step.title is not None and word in step.title.vi
            assert step.uses == "duty" and step.continuous
            assert "due" not in dates[id_]


def test_2024_bounds_the_proposal_strictly() -> None:
    """The words "trước 15/10/2024" make 14 October the last good day."""
    dates = planned(read(P2024).definition, date(2024, 3, 18))
    proposal = dates["carrying-out/proposal-2025"]
    assert (proposal["kind"], proposal["due"], proposal["text"]) == (
        "before",
        "2024-10-14",
        "hoàn thành xong trước 15/10/2024 .",
    )


def test_2024_never_exceeds_the_ceiling(played_2024: Played) -> None:
    """Of two applications that fit the balance one at a time the second is refused; all that is paid is the ceiling."""
    refused = [str(told.text) for told in played_2024.told if told.kind == "refused"]
    assert "10.000.000" in refused[0] and "810.000.000" in refused[0]
    fund = played_2024.state.steps["carrying-out/fund"].current.state
    assert (fund["paid"], fund["reserved"]) == (CEILING_2024, 0)
    phases = [application["phase"] for application in fund["applications"]]
    assert [phases.count(phase) for phase in ("paid", "refused", "withdrawn")] == [7, 2, 1] and len(phases) == 10


def test_2024_hands_the_proposal_in_on_time(played_2024: Played) -> None:
    """The proposal came back once and was still in by 14 October."""
    work = played_2024.items["carrying-out/proposal-2025"]["work"]
    assert (work.due_on, work.done_on) == ("2024-10-14", "2024-10-11")


@pytest.mark.parametrize("name", [P2020, P2024])
def test_the_year_ends_with_nothing_owed(name: str, request: pytest.FixtureRequest) -> None:
    """The plan is finished, nobody owes anything on it, and its trail verifies."""
    played: Played = request.getfixturevalue(f"played_{name[-4:]}")
    assert played.state.status == "finished"
    assert [(step, key) for step, items in played.items.items() for key, item in items.items() if item.open] == []
    assert played.findings == ()


def _opened(played: Played, step: str) -> dict[str, Any]:
    """Return what the step recorded when it was opened."""
    facts = [event_of(row.body) for row in played.events]
    return next(fact.data["data"] for fact in facts if fact.type == "step_opened" and fact.data["step"] == step)
