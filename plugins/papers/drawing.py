"""Draws the templates that are shipped: `python -m trinh_plugins.papers.drawing` writes them anew.

An office edits a copy in Word; nothing of this module is needed to make a paper.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN

from trinh_plugins.papers.layout import (
    LEFT,
    LONG_EDGE,
    RIGHT,
    SHORT_EDGE,
    Column,
    closing,
    legal_bases,
    letterhead,
    line,
    loop,
    page,
    rows,
    rule,
    signature,
    text,
    title,
)

FOLDER = Path(__file__).parent / "templates"


# the five papers


def opinion_table() -> Any:
    """The table of opinions, on its side: it has five columns of text."""
    document, width = page(landscape=True), LONG_EDGE - LEFT - RIGHT
    letterhead(document, width)
    title(document, width)
    line(document, "{%p for round in rounds %}")
    line(
        document,
        "{{ loop.index }}. {{ round.title }}{% if round.about %} (dự thảo bản {{ round.about }}){% endif %}",
        bold=True,
        keep=True,
    )
    line(document, "{%p if round.tally.public %}")
    text(
        document,
        "Đăng tải{% if round.tally.posted_on %} từ ngày {{ round.tally.posted_on }}{% endif %}"
        "{% if round.tally.closed_on %} đến ngày {{ round.tally.closed_on }}{% endif %}"
        "{% if round.tally.address %} tại {{ round.tally.address }}{% endif %}. "
        "Số ý kiến nhận được: {{ round.tally.comments }}; đã tiếp thu, giải trình hoặc không cần trả lời: "
        "{{ round.tally.answered }}; chưa trả lời: {{ round.tally.unanswered }}.",
    )
    line(document, "{%p else %}")
    text(
        document,
        "Số cơ quan, đơn vị được lấy ý kiến: {{ round.tally.asked }}; đã trả lời: {{ round.tally.answered }}; "
        "nhất trí: "
        "{{ round.tally.agreed }} (trong đó nhất trí hoàn toàn: {{ round.tally.agreed_fully }}); không trả lời: "
        "{{ round.tally.silent }}{% if round.tally.silent_names %} ({{ round.tally.silent_names | join('; ') }})"
        "{% endif %}; trả lời chậm: {{ round.tally.late }}"
        "{% if round.tally.after_close %}; gửi sau khi kết thúc: {{ round.tally.after_close }}{% endif %}.",
    )
    line(document, "{%p endif %}")
    line(document, "{%p if round.rows %}")
    rows(
        document,
        (
            ("TT", 12, ("{{ row.number }}",)),
            (
                "Cơ quan, đơn vị, cá nhân góp ý",
                52,
                ("{{ row.body }}", ("row.letter", "{{ row.letter }}", False), ("row.late", "({{ row.late }})", False)),
            ),
            ("Điều, khoản, nội dung", 36, ("{{ row.article or 'Toàn văn' }}",)),
            ("Ý kiến", 78, ("{{ row.position }}{% if row.text %}:{% endif %}", ("row.text", "{{ row.text }}", False))),
            (
                "Tiếp thu, giải trình",
                74,
                (
                    "{% if row.open %}CHƯA TIẾP THU, GIẢI TRÌNH{% else %}{{ row.verdict }}{% endif %}"
                    "{% if row.taken_in %}: {{ row.taken_in }}{% endif %}",
                    ("row.reason", "Lý do: {{ row.reason }}", False),
                ),
            ),
        ),
        ("row in round.rows",),
    )
    line(document, "{%p endif %}")
    line(document, "", after=0, size=6)
    line(document, "{%p endfor %}")
    closing(document, "Tổng cộng: {{ total }} ý kiến./.")
    signature(document, width, receivers=False)
    return document


def submission_paper() -> Any:
    """The submission paper; what no data say is left for its author, dotted."""
    document, width = page(), SHORT_EDGE - LEFT - RIGHT
    letterhead(document, width)
    title(document, width)
    line(document, "Kính gửi: {{ addressed_to | join('; ') }}.", align=ALIGN.CENTER, after=12)
    legal_bases(document)
    text(
        document,
        "{{ body_name }} kính trình {{ addressed_to | join('; ') }} xem xét, quyết định {{ matter }}, "
        "với những nội dung chính sau đây:",
    )
    for heading in ("I. SỰ CẦN THIẾT VÀ CĂN CỨ", "II. MỤC ĐÍCH, QUAN ĐIỂM"):
        text(document, heading, bold=True, keep=True)
        text(document, "……………………………………………………")
    text(document, "III. QUÁ TRÌNH XÂY DỰNG, LẤY Ý KIẾN", bold=True, keep=True)
    loop(
        document,
        "draft in drafts",
        lambda: text(
            document,
            "- {{ draft.document }}: dự thảo lần {{ draft.number }} (bản {{ draft.name }}) ngày {{ draft.on }};",
        ),
    )
    line(document, "{%p for round in asked %}")
    text(
        document,
        "- {{ round.title }} (từ ngày {{ round.opened_on }}"
        "{% if round.completed_on %} đến ngày {{ round.completed_on }}"
        "{% endif %}): {% if round.public %}nhận được {{ round.tally.comments }} ý kiến, chưa trả lời "
        "{{ round.tally.unanswered }}{% else %}{{ round.tally.asked }} cơ quan, đơn vị được lấy ý kiến, "
        "{{ round.tally.answered }} trả lời, {{ round.tally.agreed }} nhất trí, {{ round.tally.silent }} không trả lời"
        "{% endif %}.",
    )
    line(document, "{%p endfor %}")
    line(document, "{%p if not drafts and not asked %}")
    text(document, "……………………………………………………")
    line(document, "{%p endif %}")
    text(document, "IV. BỐ CỤC VÀ NỘI DUNG CƠ BẢN", bold=True, keep=True)
    text(document, "……………………………………………………")
    text(document, "V. NHỮNG VẤN ĐỀ CÒN Ý KIẾN KHÁC NHAU", bold=True, keep=True)
    line(document, "{%p if not explained %}")
    text(document, "Không có.")
    line(document, "{%p endif %}")
    line(document, "{%p for row in explained %}")
    text(
        document,
        "{{ row.number }}. {{ row.body }}{% if row.article %} ({{ row.article }}){% endif %}: {{ row.text }} — "
        "{{ row.verdict }}{% if row.taken_in %}: {{ row.taken_in | trim('. ') }}{% endif %}"
        "{% if row.reason %}{% if row.taken_in %}; phần còn lại không tiếp thu, lý do{% endif %}: {{ row.reason }}"
        "{% endif %}",
    )
    line(document, "{%p endfor %}")
    text(document, "VI. KINH PHÍ VÀ ĐIỀU KIỆN BẢO ĐẢM", bold=True, keep=True)
    text(document, "……………………………………………………")
    text(document, "VII. ĐỀ XUẤT, KIẾN NGHỊ", bold=True, keep=True)
    text(
        document,
        "{{ body_name }} kính trình {{ addressed_to | join('; ') }} xem xét, quyết định./.",
    )
    line(document, "{%p if enclosed %}")
    text(document, "(Hồ sơ gửi kèm theo:", italic=True, keep=True)
    loop(
        document,
        "paper in enclosed",
        lambda: text(
            document,
            "{{ paper.letter }}) {{ paper.title }}{% if paper.symbol %} số {{ paper.symbol }}{% endif %}"
            "{% if paper.revision %}, bản {{ paper.revision }}{% endif %}"
            "{% if paper.on %}, ngày {{ paper.on }}{% endif %}"
            "{% if paper.missing %} — CHƯA CÓ{% endif %}{% if loop.last %}.){% else %};{% endif %}",
            italic=True,
            keep=True,
        ),
    )
    line(document, "{%p endif %}")
    signature(document, width)
    return document


def assignment_annex() -> Any:
    """The annex: title and reference in the middle, no letterhead of its own."""
    document, width = page(), SHORT_EDGE - LEFT - RIGHT
    line(document, "{{ paper_type }}", align=ALIGN.CENTER, bold=True, after=0)
    line(document, "{{ subject | upper }}", align=ALIGN.CENTER, bold=True, after=0)
    line(document, "{{ belongs_to }}", align=ALIGN.CENTER, italic=True, after=2)
    line(document, "{%p if for_unit %}")
    line(document, "(Phần việc của {{ for_unit }})", align=ALIGN.CENTER, italic=True, after=2)
    line(document, "{%p endif %}")
    rule(document, width * 0.32)
    line(document, "", after=0)
    line(document, "{%p for table in tables %}")
    line(document, "{%p if several %}")
    line(document, "{{ loop.index }}. {{ table.title }}", bold=True, keep=True)
    line(document, "{%p endif %}")
    rows(
        document,
        (
            ("TT", 12, ("{{ row.label }}",)),
            (
                "Nội dung",
                63,
                (
                    "{{ row.title }}",
                    ("row.content", "{{ row.content }}", False),
                    ("row.product", "Sản phẩm: {{ row.product }}", False),
                ),
            ),
            ("Đơn vị chủ trì", 34, ("{{ row.lead }}{% if row.units > 1 %} ({{ row.units }} đơn vị){% endif %}",)),
            ("Đơn vị phối hợp", 28, ("{{ row.with_units }}",)),
            ("Thời gian hoàn thành", 28, ("{{ group.due }}",)),
        ),
        ("part in table.sections", "group in part.groups", "row in group.rows"),
        merged="Thời gian hoàn thành",
        headed=("part.heading", "{{ part.label }}", "{{ part.heading }}"),
    )
    line(document, "", after=0, size=6)
    line(document, "{%p endfor %}")
    return document


def _work(document: Any, over: str, day: Column) -> None:
    """A table of work: what, whose, when due, and one column more."""
    name = over.rpartition(" ")[2]
    line(document, f"{{%p if {name} %}}")
    rows(
        document,
        (
            ("TT", 12, ("{{ row.number }}",)),
            ("Nội dung công việc", 68, ("{{ row.title }}", ("row.detail", "{{ row.detail }}", False))),
            ("Đơn vị thực hiện", 35, ("{{ row.owner }}",)),
            ("Thời hạn", 25, ("{{ row.due }}",)),
            day,
        ),
        (over,),
    )
    line(document, "{%p else %}")
    text(document, "Không có.")
    line(document, "{%p endif %}")
    line(document, "", after=0, size=6)


def monthly_report() -> Any:
    """The monthly report: done, owed, ahead."""
    document, width = page(), SHORT_EDGE - LEFT - RIGHT
    letterhead(document, width)
    title(document, width)
    legal_bases(document)
    text(document, "Tiến độ thực hiện trong tháng {{ month }} như sau (giai đoạn hiện tại: {{ stage }}):")
    text(
        document,
        "1. Công việc hoàn thành trong tháng: {{ done_count }}, trong đó quá hạn: {{ done_late }}",
        bold=True,
        keep=True,
    )
    _work(document, "row in done", ("Ngày hoàn thành", 25, ("{{ row.done_on }}{% if row.late %} (chậm){% endif %}",)))
    text(
        document,
        "2. Công việc chưa hoàn thành: {{ owed_count }}, trong đó quá hạn: {{ owed_late }}",
        bold=True,
        keep=True,
    )
    _work(
        document,
        "row in owed",
        (
            "Tình trạng",
            25,
            (
                "{% if row.late %}Quá hạn{% elif row.buffer_until %}Dự phòng đến ngày {{ row.buffer_until }}"
                "{% elif row.due %}Trong hạn{% endif %}",
            ),
        ),
    )
    text(
        document,
        "3. Công việc thực hiện, đến hạn trong tháng {{ next_month }}: {{ ahead_count }}",
        bold=True,
        keep=True,
    )
    _work(document, "row in ahead", ("Ghi chú", 25, ("",)))
    text(document, "4. Khó khăn, vướng mắc; đề xuất, kiến nghị", bold=True, keep=True)
    text(document, "……………………………………………………./.", keep=True)
    signature(document, width)
    return document


def timetable() -> Any:
    """The timetable: stages in bold, their steps below."""
    document, width = page(), SHORT_EDGE - LEFT - RIGHT
    letterhead(document, width)
    title(document, width)
    legal_bases(document)
    rows(
        document,
        (
            ("TT", 12, ("{{ row.label }}",)),
            (
                "Nội dung công việc",
                53,
                (("row.stage", "{{ row.title }}", True), ("not row.stage", "- {{ row.title }}", False)),
            ),
            ("Thời gian thực hiện", 35, ("{{ row.when }}{% if row.buffer %} (dự phòng){% endif %}",)),
            ("Chủ trì; phối hợp", 36, ("{{ row.people | join('; ') }}",)),
            ("Sản phẩm", 29, ("{{ row.produces }}",)),
        ),
        ("row in rows",),
    )
    closing(document, "Trên đây là biểu tiến độ thực hiện; các đơn vị căn cứ tổ chức thực hiện./.")
    signature(document, width)
    return document


PAPERS: Mapping[str, Callable[[], Any]] = {
    "opinion-table": opinion_table,
    "submission-paper": submission_paper,
    "assignment-annex": assignment_annex,
    "monthly-report": monthly_report,
    "timetable": timetable,
}


def drawn(kind: str) -> bytes:
    """Return the bytes of a template, the same each time."""
    document = PAPERS[kind]()
    properties = document.core_properties
    properties.author = properties.comments = properties.title = properties.last_modified_by = ""
    properties.created = properties.modified = datetime(2020, 3, 5, tzinfo=UTC)
    before, after = io.BytesIO(), io.BytesIO()
    document.save(before)
    with zipfile.ZipFile(before) as source, zipfile.ZipFile(after, "w") as target:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            part.create_system = 0
            target.writestr(part, source.read(name), zipfile.ZIP_STORED)
    return after.getvalue()


def draw(kinds: Iterable[str] = PAPERS) -> None:
    """Write the templates of *kinds* into `templates/`."""
    for kind in kinds:
        (FOLDER / f"{kind}.docx").write_bytes(drawn(kind))


if __name__ == "__main__":
    draw()
