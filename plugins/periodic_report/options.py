"""How often a report is owed, by whom, to whom, and what counts where a period has no working day."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal

from dateutil.rrule import rrule, rrulestr
from pydantic import Field, model_validator

from workflow import Help, Options, Phrase, StepRef, UnitRef

_RULE = re.compile(r"FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)(?:;[A-Z]+=[A-Z0-9,+-]+)*")
# Times of day say nothing here. Days counted off and filtered as well may never meet, and an interval
# of nought or less names the same days for ever: dateutil would search without end.
_NOT_IN_RULE = re.compile(
    r"BYHOUR|BYMINUTE|BYSECOND|INTERVAL=(?!0*[1-9][0-9]{0,2}(?:;|$))|DAILY(?=.*INTERVAL)(?=.*BY[A-Z]+=)"
)

NoWorkingDay = Literal["keep", "skip", "working-day-before", "working-day-after"]


class SeriesOptions(Options):
    """How often, who owes it, and to whom."""

    rule: str | None = Field(
        default=None,
        max_length=200,
        description=Help(
            "RFC 5545 rule of the due days, such as FREQ=MONTHLY;BYMONTHDAY=5",
            vi="Quy tắc RFC 5545 của ngày đến hạn, ví dụ FREQ=MONTHLY;BYMONTHDAY=5",
        ),
    )
    every: Literal["week", "month"] | None = Field(
        default=None, description=Help("Every ISO week or every month", vi="Hằng tuần (tuần ISO) hoặc hằng tháng")
    )
    day_before: int | None = Field(
        default=None,
        ge=2,
        le=31,
        description=Help(
            "With `every: month`: owed before this day of the month",
            vi="Với `every: month`: phải nộp trước ngày này của tháng",
        ),
    )
    weekday: int | None = Field(
        default=None,
        ge=0,
        le=6,
        description=Help(
            "With `every: week`: last good day, Monday 0 to Sunday 6",
            vi="Với `every: week`: ngày cuối còn đúng hạn, thứ Hai là 0 đến Chủ nhật là 6",
        ),
    )
    no_working_day: NoWorkingDay = Field(
        default="keep",
        description=Help(
            "What counts where a period has no working day up to its due day: `keep` its own day, `skip` the "
            "report, the `working-day-before` or the `working-day-after`",
            vi="Khi kỳ báo cáo không có ngày làm việc nào đến ngày hạn: `keep` giữ nguyên ngày, `skip` không phải "
            "báo cáo, `working-day-before` ngày làm việc trước đó, `working-day-after` ngày làm việc sau đó",
        ),
    )
    suspended: Literal["skip", "owe"] = Field(
        default="skip",
        description=Help(
            "Periods whose due day falls in a suspension of the plan: `skip` them, or `owe` them all the same",
            vi="Kỳ báo cáo có ngày đến hạn trong thời gian kế hoạch tạm dừng: `skip` không phải báo cáo, "
            "`owe` vẫn phải báo cáo",
        ),
    )
    units: tuple[UnitRef, ...] = Field(
        min_length=1, description=Help("Units that each owe the report", vi="Các đơn vị phải báo cáo")
    )
    to: UnitRef = Field(description=Help("Unit that the report goes to", vi="Đơn vị nhận báo cáo"))
    consolidates: StepRef | None = Field(
        default=None,
        description=Help(
            "Series whose reports of the same period this one brings together; it names those that are missing",
            vi="Chế độ báo cáo của các đơn vị mà báo cáo này tổng hợp theo cùng kỳ; nêu rõ đơn vị còn thiếu",
        ),
    )

    @model_validator(mode="after")
    def _one_rhythm(self) -> SeriesOptions:
        if (self.rule is None) == (self.every is None):
            raise ValueError(Phrase("give either `rule` or `every`", vi="chỉ nêu một trong hai: `rule` hoặc `every`"))
        if self.day_before is not None and self.every != "month":
            raise ValueError(Phrase("`day_before` goes with `every: month`", vi="`day_before` đi cùng `every: month`"))
        if self.weekday is not None and self.every != "week":
            raise ValueError(Phrase("`weekday` goes with `every: week`", vi="`weekday` đi cùng `every: week`"))
        if self.rule is not None:
            _check_rule(self.rule)
        return self

    @property
    def endless(self) -> bool:
        """True if the rhythm has no end of its own."""
        return self.rule is None or not re.search(r";(?:COUNT|UNTIL)=", self.rule)


def _check_rule(rule: str) -> None:
    if not _RULE.fullmatch(rule) or _NOT_IN_RULE.search(rule):
        raise ValueError(
            Phrase(
                "`rule` is one RFC 5545 rule by days, such as FREQ=MONTHLY;BYMONTHDAY=5",
                vi="`rule` là một quy tắc RFC 5545 theo ngày, ví dụ FREQ=MONTHLY;BYMONTHDAY=5",
            )
        )
    try:
        parsed = rrulestr(rule, dtstart=datetime(2000, 1, 1))
        # Thirty years at the end of dateutil's calendar hold every combination of day and weekday;
        # a rule that is never met there would be searched for through eight thousand years.
        late: rrule = parsed.replace(dtstart=datetime(9970, 1, 1), until=None)
        met = next(iter(late), None)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise ValueError(
            Phrase(
                "`rule` is no RFC 5545 rule: {error}",
                {"error": error},
                vi="`rule` không phải là quy tắc RFC 5545: {error}",
            )
        ) from error
    if met is None:
        raise ValueError(Phrase("`rule` names no day that ever comes", vi="`rule` không ứng với ngày nào"))
