"""Who is named beside a refusal: only those who may really do it."""

from __future__ import annotations

import pytest
from cli.test_assignment import DEFINITION, PLAN, plan  # noqa: F401
from cli.test_assignment import workspace as table  # noqa: F401
from cli.test_assignment_rules import ROW, refusal


@pytest.fixture
def workspace(table):  # noqa: F811
    """The units may act on another step of the same lead; the annex belongs to the unit khtc, the lead and a clerk."""
    text = DEFINITION.partition("alongside:")[0].replace("handed_out_by: leader}", "handed_out_by: so}, by: [khtc, so]")
    (table / "definitions" / "table.yaml").write_text(
        text.replace("      census:\n", '      census:\n        by: ["@units"]\n'), encoding="utf-8"
    )
    return table


def test_who_may_not_grant_or_accept_is_not_named(typed, done, plan):  # noqa: F811
    """Neither the unit whose own matter it is, nor units that act on other steps of the same lead."""
    given = ("--content", "Việc", "--on", "2020-03-02", "--due", "2020-03-20")
    done("act", PLAN, "annex", "hand-out", "--row", "1", "--lead", "khtc", *given)
    ask = ("reschedule", PLAN, ROW, "--ask", "--due", "2020-03-30", "--reason", "x", "--on", "2020-03-10")
    assert 0 == typed(*ask, "--as", "nv-so", "--behalf", "khtc").exit_code
    grant = ("reschedule", PLAN, ROW, "--grant", "--reason", "x", "--on", "2020-03-11")

    told = [refusal(typed(*grant, "--as", "nv-so", "--json"))]
    done(*grant)
    assert 0 == typed("act", PLAN, "annex", "hand-in", "--row", "1", "--on", "2020-03-12", "--as", "nv-khtc").exit_code
    accept = ("act", PLAN, "annex", "accept", "--row", "1", "--on", "2020-03-12", "--as", "nv-khtc", "--json")
    told.append(refusal(typed(*accept)))

    for each in told:
        (reason,) = each["reasons"]
        assert "so" in reason["who"]
        assert not {"khtc", "@units"} & {*reason["who"]}, each
