"""The five source plans as tables, written from the sources and from nothing else.

The definitions are compared with these rows; a row was never copied from a definition. Dates are
strict readings: "trước ngày X" is owed on the day before X.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from workflow.bootstrap import read_register, registry
from workflow.language.loader import Loaded, load_path
from workflow.people import Register
from workflow.registry import Registry

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "definitions"


@dataclass(frozen=True)
class SourceStage:
    """A step of a source plan: its number, its date in days and in words, drafts made, bodies asked."""

    label: str | None
    start: str | None = None
    due: str | None = None
    precision: str | None = None
    words: str | None = None
    drafts: tuple[int, ...] = ()
    asked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class SourcePlan:
    """A source plan: number, date, lead, cited documents (number, day as written), steps in order."""

    id: str
    number: str
    issued: str
    lead: str
    bases: tuple[tuple[str, str], ...]
    archive: str
    stages: tuple[SourceStage, ...]
    normative: bool = False


def _days(label: str | None, window: str, words: str, drafts: tuple[int, ...] = (), *asked: str) -> SourceStage:
    start, due = window.split("/")
    return SourceStage(label, start, due, "day", words, drafts, frozenset(asked))


def _by(label: str, due: str, words: str, drafts: tuple[int, ...] = (), *asked: str) -> SourceStage:
    return SourceStage(label, None, due, "day", words, drafts, frozenset(asked))


def _month(label: str | None, start: str, due: str, words: str, *asked: str) -> SourceStage:
    return SourceStage(label, start, due, "month", words, (), frozenset(asked))


RENEWAL_2019 = SourcePlan(
    id="support-technology-renewal-2019",
    number="25/KH-KHCN",
    issued="2019-02-25",
    lead="phong-qlcn",
    bases=(("754/QĐ-UBND", "30/11/2018"),),
    archive="Lưu: VT, QLCN",
    normative=True,
    stages=(
        _days("1", "2019-03-01/2019-03-31", "Từ ngày 01/3 đến ngày 31/3/2019"),
        _days("2", "2019-04-01/2019-04-15", "Từ ngày 01/4 đến ngày 15/4/2019", (1,)),
        _days("3", "2019-04-16/2019-04-30", "Từ ngày 16/4 đến ngày 30/4/2019", (), "@so-units", "director"),
        _days("4", "2019-05-01/2019-05-31", "Từ ngày 01/5 đến ngày 31/5/2019", (2,), "@departments", "@districts"),
        _days("5", "2019-06-01/2019-06-15", "Từ ngày 01/6 đến ngày 15/6/2019", (3,), "so-tu-phap"),
        _days("7", "2019-06-16/2019-06-30", "Từ ngày 16/6 đến ngày 30/6/2019", (4,), "director"),
        _days("8", "2019-07-01/2019-07-31", "Từ ngày 01/7 đến ngày 31/7/2019", (4,), "van-phong-ubnd-tinh"),
        _days("9", "2019-08-01/2019-08-30", "Từ ngày 01/8 đến ngày 30/8/2019", (4,), "vice-chairman-in-charge"),
        _days("10", "2019-09-01/2019-09-30", "Từ ngày 01/9 đến ngày 30/9/2019"),
        _month("11", "2019-10-01", "2019-10-31", "Tháng 10/2019", "ubnd-tinh"),
    ),
)

# The dashes of this plan carry no numbers. Draft 1 is written with the dossier of July and named where the
# units are asked; August and October change the text without a new number.
SCHEME_2021 = SourcePlan(
    id="technology-market-scheme-2021",
    number="/KH-KHCN",
    issued="2021-06",
    lead="scheme-group-leader",
    bases=(
        ("1199/QĐ-UBND", "24/12/2020"),
        ("307/QĐ-UBND", "09/02/2021"),
        ("01/CT-UBND", "21/01/2021"),
        ("2075/QĐ-TTg", "08/11/2013"),
    ),
    archive="Lưu: VT, QLCN",
    stages=(
        _days(None, "2021-06-22/2021-07-01", "Từ ngày 22/6-01/7/2021"),
        _days(None, "2021-07-01/2021-07-03", "Từ ngày 01/7-03/7/2021", (), "director"),
        _days(None, "2021-07-04/2021-07-25", "Từ ngày 04/7-25/7/2021", (1,)),
        _days(None, "2021-07-26/2021-08-05", "Từ ngày 26/7-05/8/2021", (), "@so-units", "director"),
        _days(None, "2021-08-06/2021-08-20", "Từ ngày 06/8-20/8/2021", (1,)),
        _days(None, "2021-08-21/2021-09-10", "Từ ngày 21/8-10/9/2021", (2,), "@departments", "@districts"),
        _days(None, "2021-09-15/2021-09-30", "Từ ngày 15/9-30/9/2021", (), "cuc-phat-trien-thi-truong", "@enterprises"),
        _days(
            None,
            "2021-10-01/2021-11-30",
            "Từ 01/10-30/11/2021",
            (2,),
            "van-phong-ubnd-tinh",
            "vice-chairman-in-charge",
        ),
        _month(None, "2021-12-01", "2021-12-31", "Tháng 12/2021", "ubnd-tinh"),
    ),
)

PRODUCTIVITY_2021 = SourcePlan(
    id="productivity-plan-2021",
    number="/KH-KHCN",
    issued="2021-04",
    lead="chi-cuc-tdc",
    bases=(("1199/QĐ-UBND", "24/12/2010"), ("1322/QĐ-TTg", "31/8/2020"), ("36/QĐ-TTg", "11/01/2021")),
    archive="Lưu: VT, TĐC",
    stages=(
        _month("1", "2021-04-01", "2021-05-31", "Tháng 4-5/2021"),
        _by("2", "2021-06-14", "Trước 15/6/2021"),
        _by("3", "2021-06-29", "Trước ngày 30/6/2021", (1,), "@so-units", "director"),
        _by("4", "2021-07-14", "Trước ngày 15/7/2021", (2,), "@departments"),
        _by("5", "2021-07-29", "Trước ngày 30/7/2021", (), "vice-chairman-in-charge", "van-phong-ubnd-tinh"),
        _by("6", "2021-08-04", "Trước ngày 05/8/2021", (2,)),
        SourceStage("7", words="khi có yêu cầu", drafts=(2,), asked=frozenset({"ubnd-tinh"})),
    ),
)

STANDARDS_2024 = SourcePlan(
    id="standards-support-2024",
    number="/KH-KHCN",
    issued="2024-03",
    lead="chi-cuc-tdc",
    bases=(("43/2022/NQ-HĐND", "09/12/2022"),),
    archive="Lưu: VT, TĐC",
    stages=(SourceStage("II", words="trong năm 2024"),),
)

# The chain of sections II.3 and II.4; it has no dates.
MASTER_PLAN_2020 = SourcePlan(
    id="master-plan-contribution-2020",
    number="/KH-KHCN",
    issued="2020-02-28",
    lead="phong-khtc",
    bases=(("48/KH-UBND", "21/02/2020"),),
    archive="Lưu: VT, KHTC",
    stages=(
        SourceStage("II.3"),
        SourceStage("II.3", asked=frozenset({"thuong-truc-ubnd-tinh", "thuong-truc-tinh-uy"})),
        SourceStage("II.3"),
        SourceStage("II.3", asked=frozenset({"@districts"})),
        SourceStage("II.4"),
        SourceStage("II.4"),
        SourceStage("II.4", asked=frozenset({"ubnd-tinh"})),
        SourceStage("II.4"),
    ),
)

SOURCES = {
    source.id: source for source in (RENEWAL_2019, SCHEME_2021, PRODUCTIVITY_2021, STANDARDS_2024, MASTER_PLAN_2020)
}


@pytest.fixture(scope="session")
def plugins() -> Registry:
    """The shipped plugins."""
    return registry(None)


@pytest.fixture(scope="session")
def people() -> Register:
    """The shipped people register."""
    path = FOLDER / "data" / "people.yaml"
    return read_register(path.read_bytes(), path.name)[0]


@pytest.fixture(scope="session")
def shipped() -> dict[str, Loaded]:
    """Every shipped definition by id."""
    files = (path for path in sorted(FOLDER.glob("*.yaml")) if not path.name.endswith(".scenario.yaml"))
    return {loaded.definition.id: loaded for loaded in map(load_path, files)}


@pytest.fixture(params=SOURCES)
def source(request: pytest.FixtureRequest) -> SourcePlan:
    """Each source plan in turn."""
    return SOURCES[request.param]
