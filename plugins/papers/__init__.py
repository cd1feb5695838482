"""The papers of the office in the form of Decree 30/2020/NĐ-CP: what `workflow paper make` can draw.

Each module gathers the values of one paper from a plan; the form that all share stands in `form`, the
templates beside them in `templates/` (drawn by `drawing`, edited in Word by an office that wants its own).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import resources

from trinh_plugins.papers import annex, monthly, opinions, submission, timetable
from workflow import Paper, Text, hookimpl

FORM = (
    "national_name",
    "motto",
    "body",
    "number_line",
    "place_and_date",
    "paper_type",
    "subject",
    "authority",
    "signer",
)
"""Fields without which a paper has not the form that the decree asks for."""


def _shipped(name: str) -> Callable[[], bytes]:
    file = resources.files(__package__).joinpath("templates", f"{name}.docx")
    return partial(file.read_bytes)


@hookimpl
def papers() -> tuple[Paper, ...]:
    """Supply the five papers."""
    return (
        Paper(
            name="opinion-table",
            title=Text(vi="Bảng tổng hợp, tiếp thu, giải trình ý kiến", en="Table of opinions, accepted and explained"),
            template=_shipped("opinion-table"),
            data=opinions.data,
            needs=(*FORM, "rounds", "row.body", "row.text", "row.verdict", "row.taken_in", "row.reason"),
        ),
        Paper(
            name="submission-paper",
            title=Text(vi="Tờ trình", en="Submission paper"),
            template=_shipped("submission-paper"),
            data=submission.data,
            needs=(*FORM, "addressed_to", "recipients", "enclosed", "paper.title"),
        ),
        Paper(
            name="assignment-annex",
            title=Text(vi="Phụ lục phân công nhiệm vụ", en="Annex of tasks assigned"),
            template=_shipped("assignment-annex"),
            data=annex.data,
            needs=("paper_type", "subject", "belongs_to", "tables", "row.title", "row.lead", "group.due"),
        ),
        Paper(
            name="monthly-report",
            title=Text(vi="Báo cáo tháng về tiến độ thực hiện", en="Monthly progress report"),
            template=_shipped("monthly-report"),
            data=monthly.data,
            as_of=True,
            needs=(*FORM, "recipients", "done", "owed", "ahead", "row.title", "row.owner", "row.due"),
        ),
        Paper(
            name="timetable",
            title=Text(vi="Biểu tiến độ thực hiện kế hoạch", en="A plan's timetable"),
            template=_shipped("timetable"),
            data=timetable.data,
            needs=(*FORM, "rows", "row.title", "row.when", "row.people"),
        ),
    )
