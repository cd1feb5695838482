"""A support fund for its tests: opened, with applications brought as far as wanted."""

from __future__ import annotations

import pytest

from trinh_plugins.support_fund.step import FundStep
from workflow import Refused

CEILING = 810_000_000
DAY = "2024-05-06"
APPLYING = {"applicant": "Hợp tác xã Lục Ngạn", "purpose": "Truy xuất nguồn gốc"}
READY = [("apply", APPLYING), ("check", {"complete": True}), ("appraise", {"passed": True}), ("put", {})]
HEADS = {
    "standards": {"vi": "Áp dụng tiêu chuẩn", "en": "Standards"},
    "traceability": {"vi": "Truy xuất nguồn gốc", "en": "Traceability"},
}
DIRECTOR = {"actor": "director"}


def fund(run, ceiling: object = CEILING, *, context=None, **options):
    return run(FundStep(), {"ceiling": ceiling, **options}, on="2024-03-01", **(context or {}))


def bring(opened, number: int = 1, *, upto: int = 4, on: str = DAY, applying=APPLYING) -> None:
    """Bring a new application as far as *upto* of the acts before its decision."""
    for name, values in READY[:upto]:
        opened.act(name, on, **(applying if name == "apply" else {"application": number, **values}))


def decided(opened, number: int, amount: object, *, on: str = DAY, **more) -> None:
    """The director grants *amount*."""
    opened.act("decide", on, context=DIRECTOR, application=number, supported=True, amount=amount, **more)


def refused_codes(opened, name: str, *, on: str = DAY, context=DIRECTOR, **values) -> list[str]:
    with pytest.raises(Refused) as refused:
        opened.act(name, on, context=context, **values)
    return [reason.code for reason in refused.value.reasons]
