"""The five definitions say what their sources say, row by row."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from trinh_plugins._rules import in_force
from workflow import deadlines
from workflow.check import check

START = date(2026, 1, 5)
"""Fixed dates do not move with it; the template's terms are counted from it."""

TEMPLATE = "provincial-normative-document-template"
REPORTS_2020 = {
    "weekly-plan": ({"every": "week", "units": ["@so-units"], "to": "phong-khtc"}, "hàng tuần"),
    "monthly-report": (
        {"every": "month", "day_before": 13, "units": ["@so-units"], "to": "phong-khtc"},
        "định kỳ hàng tháng (trước ngày 13 hàng tháng)",
    ),
    "weekly-consolidated": (
        {"every": "week", "units": ["phong-khtc"], "to": "ban-chi-dao-quy-hoach"},
        "định kỳ hàng tuần",
    ),
}
ANNEX_2020 = (
    ("1", "phong-khtc", "2020-03-10"),
    ("2", "phong-qlkh", "inherit"),
    ("3", "phong-qlcn", "inherit"),
    ("4", "van-phong-so", "inherit"),
    ("5", "phong-qlkhcn-co-so", "inherit"),
    ("6", "phong-ql-chuyen-nganh", "inherit"),
    ("7", "thanh-tra-so", "inherit"),
    ("8", "chi-cuc-tdc", "inherit"),
    ("9", "tt-ung-dung-khcn", "inherit"),
    ("II", "@so-units", "undecided"),
)


@pytest.fixture
def definition(shipped, source):
    """The definition of the source plan at hand."""
    return shipped[source.id].definition


@pytest.fixture
def rows(definition, source):
    """The source's steps beside the definition's stages, without the final one."""
    stages = [(id_, stage) for id_, stage in definition.stages.items() if not stage.final]
    assert len(stages) == len(source.stages)
    return [(expected, id_, stage) for expected, (id_, stage) in zip(source.stages, stages, strict=True)]


def test_the_stages_stand_in_the_source_order_with_its_numbers(rows):
    """Each stage carries the source's own number; 2020 adds its place in the chain, in brackets."""
    found = [stage.label.split(" (")[0] if stage.label else None for _, _, stage in rows]

    assert found == [expected.label for expected, _, _ in rows]


def test_every_date_is_the_source_date(rows, definition, plugins):
    """Start, due day and precision of each stage are those of the source, read strictly."""
    schedule = deadlines.schedule(definition, START, plugins.calendars["vn"])
    found = [tuple(schedule[id_].get(key) for key in ("start", "due", "precision")) for _, id_, _ in rows]

    assert found == [(expected.start, expected.due, expected.precision) for expected, _, _ in rows]


def test_the_source_wording_of_each_date_is_kept(rows):
    """Beside each computed date stands what the source wrote."""
    assert [stage.text for _, _, stage in rows] == [expected.words for expected, _, _ in rows]


def test_each_draft_number_is_made_where_the_source_makes_it(rows, definition, plugins):
    """Drafts lần 1, lần 2 ... of the numbered document stand in the source's stages."""
    numbered = {id_ for id_, document in definition.documents.items() if document.numbered}
    found = []
    for _, _, stage in rows:
        options = [step.with_ for step in stage.steps.values() if step.uses == "draft"]
        found.append(tuple(option["number"] for option in options if option["document"] in numbered))

    assert found == [expected.drafts for expected, _, _ in rows]


def test_each_body_is_asked_where_the_source_asks_it(rows):
    """Consultees, appraisers, verifiers, leaders and sessions are those of the source."""
    found = []
    for _, _, stage in rows:
        asked: set[str] = set()
        for step in stage.steps.values():
            asked.update(step.with_.get("invite", ()))
            asked.update(step.with_[key] for key in ("body", "to") if key in step.with_)
        found.append(frozenset(asked))

    assert found == [expected.asked for expected, _, _ in rows]


def test_the_lead_and_the_head_of_the_paper_are_the_source_ones(definition, source):
    """Number, date of issue, lead and normative nature are as in the source."""
    found = (definition.number, definition.issued, definition.lead, definition.normative)

    assert found == (source.number, source.issued, source.lead, source.normative)


def test_the_cited_documents_are_kept_as_written(definition, source):
    """Each legal basis stands with its number and its date as the source writes it."""
    assert tuple((basis.number, basis.date_as_written) for basis in definition.bases) == source.bases


def test_the_archive_line_closes_the_recipients(definition, source):
    """The archive has its line among the recipients, on paper."""
    archive = [line for line in definition.recipients if line.to.vi.startswith("Lưu")]

    assert [(line.to.vi, line.electronic) for line in archive] == [(source.archive, False)]


def test_every_title_has_its_english_twin(definition):
    """Stages, steps, transitions and documents are named in both languages."""
    titles = [stage.title for stage in definition.stages.values()]
    titles += [step.title for step in definition.steps.values()]
    titles += [move.title for stage in definition.stages.values() for move in stage.transitions.values()]
    titles += [document.title for document in definition.documents.values()]

    assert not [title for title in titles if title is None or not title.vi or not title.en]


def test_a_wrong_year_in_a_source_is_corrected_and_kept(shipped):
    """Decision 1199 is cited as of 2010 and meant as of 2020; both stand there."""
    basis = shipped["productivity-plan-2021"].definition.bases[0]

    assert (basis.date, basis.date_as_written) == ("2020-12-24", "24/12/2010")


def test_the_holes_and_the_overlap_of_the_sources_are_kept(shipped, plugins):
    """31 August 2019 and 11 to 14 September 2021 belong to no window, 1 July 2021 to two."""

    def windows_on(id_: str, day: date) -> int:
        schedule = deadlines.schedule(shipped[id_].definition, START, plugins.calendars["vn"])
        return sum(term.get("start", "~") <= day.isoformat() <= term.get("due", "") for term in schedule.values())

    assert windows_on("support-technology-renewal-2019", date(2019, 8, 31)) == 0
    gap = [date(2021, 9, 11) + timedelta(days) for days in range(4)]
    assert [windows_on("technology-market-scheme-2021", day) for day in gap] == [0, 0, 0, 0]
    assert windows_on("technology-market-scheme-2021", date(2021, 7, 1)) == 2


def test_draft_4_of_2019_is_completed_in_three_stages(shipped):
    """Steps 8 and 9 go on with the draft 4 of step 7; step 10 is buffer time."""
    definition = shipped["support-technology-renewal-2019"].definition
    fourth = {address: step.with_ for address, step in definition.steps.items() if step.with_.get("number") == 4}
    stage_of = {label: definition.stage_named(label) for label in ("7", "8", "9", "10")}

    assert [address.split("/")[0] for address in fourth] == [stage_of[label] for label in ("7", "8", "9")]
    assert ["revises" in options for options in fourth.values()] == [False, True, True]
    assert [id_ for id_, stage in definition.stages.items() if stage.buffer] == [stage_of["10"]]


def test_the_portal_minimum_of_2019_is_marked_as_unverified(shipped):
    """In May 2019 the rule gives 30 days, with a basis and the mark that nobody checked them."""
    definition = shipped["support-technology-renewal-2019"].definition
    (posting,) = [step for step in definition.steps.values() if step.uses == "public-comment"]
    rule = in_force(posting.with_["rule"], date(2019, 5, 2))

    assert (rule.days, rule.unverified) == (30, True)
    assert "80/2015/QH13" in rule.basis


def test_the_annex_of_2020_stands_row_by_row(shipped):
    """Each row has its unit and its date: its own, inherited, or undecided with a reason."""
    table = shipped["master-plan-contribution-2020"].definition.alongside["assignment"].with_["rows"]
    found = [
        (row["label"], row["lead"], row.get("due") or ("inherit" if row.get("inherit") else "undecided"))
        for row in table
    ]

    assert tuple(found) == ANNEX_2020
    assert table[-1]["undecided"]


@pytest.mark.parametrize("name", REPORTS_2020)
def test_the_reports_of_2020_keep_the_source_rhythm(shipped, name):
    """Weekly and monthly reports go from and to whom the source says, until the master plan is adopted."""
    step = shipped["master-plan-contribution-2020"].definition.alongside[name]
    options, words = REPORTS_2020[name]

    assert {key: value for key, value in step.with_.items() if key not in ("weekday", "consolidates")} == options
    assert (step.text, step.until.stage, step.until.date) == (words, None, None)
    assert step.until.event is not None


def test_the_status_content_of_2020_is_owed_on_24_march(shipped, plugins):
    """Before 25 March, read strictly, is the 24th at the latest."""
    definition = shipped["master-plan-contribution-2020"].definition
    term = deadlines.schedule(definition, START, plugins.calendars["vn"])["status-content"]

    assert (term["due"], term["text"]) == ("2020-03-24", "phải hoàn thành trước ngày 25/3/2020")


def test_the_fund_of_2024_has_the_source_ceiling(shipped):
    """810 million, as digits and words of the source agree."""
    definition = shipped["standards-support-2024"].definition
    (fund,) = [step for step in definition.steps.values() if step.uses == "support-fund"]

    assert (fund.with_["ceiling"], fund.with_["ceiling_in_words"]) == (810_000_000, "tám trăm mười triệu đồng chẵn")


def test_the_proposal_for_2025_is_owed_before_15_october(shipped, plugins):
    """Task 3 of 2024 is due on 14 October, led by the sub-department."""
    definition = shipped["standards-support-2024"].definition
    (address,) = [address for address, step in definition.steps.items() if step.label == "II.3"]
    term = deadlines.schedule(definition, START, plugins.calendars["vn"])[address]

    assert (term["due"], term["text"]) == ("2024-10-14", "hoàn thành xong trước 15/10/2024 .")
    assert definition.lead == "chi-cuc-tdc"


def test_the_lasting_duties_of_2024_are_never_late(shipped, plugins):
    """What is to be done "thường xuyên" is continuous and has no due day."""
    definition = shipped["standards-support-2024"].definition
    schedule = deadlines.schedule(definition, START, plugins.calendars["vn"])
    duties = {id_: step for id_, step in definition.alongside.items() if step.uses == "duty"}

    assert {step.label for step in duties.values()} == {"II.1", "IV.1", "IV.2"}
    assert [schedule[id_].get("due") for id_ in duties] == [None] * len(duties)
    assert {schedule[id_]["kind"] for id_ in duties} == {"continuous"}


def test_the_template_is_scheduled_from_its_start(shipped, plugins):
    """No date is fixed: each stage is due after the one before, and all move with the start."""
    definition = shipped[TEMPLATE].definition
    working = [id_ for id_, stage in definition.stages.items() if not stage.final]

    def due(start: date) -> list[str]:
        schedule = deadlines.schedule(definition, start, plugins.calendars["vn"])
        return [schedule[id_]["due"] for id_ in working]

    early, later = due(START), due(START + timedelta(days=365))
    assert early == sorted(set(early))
    assert not set(early) & set(later)


def test_what_we_ship_has_no_error_and_no_warning(shipped, plugins, people):
    """The analysis finds nothing but the oddities of the sources, as notes."""
    found = [
        str(problem)
        for loaded in shipped.values()
        for problem in check(loaded, plugins.step_types, set(plugins.guards), people)
        if problem.severity != "note"
    ]

    assert found == []


def test_each_definition_file_is_called_after_its_id(shipped):
    """A definition is found by its file's name."""
    assert {Path(loaded.name).name for loaded in shipped.values()} == {f"{id_}.yaml" for id_ in shipped}


def test_the_offices_are_held_today_without_logins(people):
    """Anybody can go on working as any office holder of the sample register."""
    today = date.today()

    assert not [office for office in people.offices if not people.holders(office, today)]
    assert not [role for role in people.roles if not people.holders(role, today)]
    assert not [person for person in people.persons.values() if person.login]
