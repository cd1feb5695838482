"""On a terminal of 80 columns ids can be copied, days keep their mark, and people are named."""

from __future__ import annotations

import json
import re

import pytest

from workflow.cli.output import Screen, width
from workflow.cli.settings import Settings

ITEM = re.compile(r"[\w.-]+/[\w./-]+@\d+#\S+")


@pytest.fixture
def under_way(done, workspace, paper):
    """A plan with a long id in its second stage, late long since."""
    done("people", "load")
    id_ = "2024-KH-KHCN-ho-tro-tieu-chuan-do-luong"
    done("create", "sample-decision", "--id", id_, "--on", "2019-04-01")
    done("act", id_, "write", "submit", "--attach", paper, "--on", "2019-04-15")
    done("advance", id_, "circulate", "--on", "2019-05-01")
    return id_


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("command", ["show", "due", "list", "next", "overview", "audit show"])
def test_nothing_is_wider_than_the_terminal_nor_torn(typed, under_way, command, lang):
    """Each line fits; the plan's id and each item's stand whole on one line; a late day keeps its mark."""
    plan = [under_way] if command in ("show", "next", "audit show") else []
    shown = typed(*command.split(), *plan, "--lang", lang).stdout
    lines = shown.splitlines()

    assert all(width(line) <= 80 for line in lines), shown
    if command != "audit show":
        assert any(under_way in line for line in lines)
    items = json.loads(typed("due", "--json").stdout)["work_items"]
    if command in ("show", "due"):
        assert {item["id"] for item in items} <= {line.strip() for line in lines if ITEM.search(line)}
    late = "TRỄ HẠN" if lang == "vi" else "LATE"
    assert not [line for line in lines if late.split()[0] in line and late not in line]
    assert not [line for line in lines if line.strip() == late]


def test_what_is_owed_stands_in_the_order_of_its_days(typed, under_way):
    """`show` sorts by due day as `due` does."""
    shown = typed("show", under_way).stdout.partition("\nOwed\n")[2].partition("\n\n")[0]
    days = re.findall(r"^\d{4}-\d\d-\d\d", shown, re.MULTILINE)

    assert len(days) > 1 and sorted(days) == days


def test_leads_and_drafts_have_their_names(typed, under_way):
    """The name of who leads a step, and the title of a document beside its id."""
    shown = typed("show", under_way).stdout

    steps = shown.partition("\nSteps\n")[2].partition("\n\n")[0]
    assert "Office A" in steps and "office-a" not in steps
    assert re.search(r"Draft decision +decision +1\.1", shown)


def test_an_id_too_long_for_its_column_stands_on_a_line_of_its_own(capsys, monkeypatch):
    """Above the row if it comes first, once for rows in sequence; else below; in its column where there is room."""
    monkeypatch.setenv("COLUMNS", "60")
    settings = Settings()
    settings.lang = "en"
    long = "plan-" * 9 + "x"
    Screen(settings).table(["plan", "what"], [(long, "one " * 9), (long, "two")], whole=0)
    Screen(settings).table(["what", "item"], [("one " * 9, long)], whole=1)
    Screen(settings).table(["what", "item"], [("one", "short")], whole=1)
    lines = capsys.readouterr().out.splitlines()

    assert [1, 7] == [number for number, line in enumerate(lines) if long in line] or lines.count(long) == 1
    assert "    " + long in lines and "one   short" in lines
