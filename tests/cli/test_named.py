"""A unit or a person is named by id, name or alias wherever one is asked for."""

from __future__ import annotations

import json
import unicodedata

import pytest
from cli.conftest import error_of

PEOPLE = """\
people: 1
units:
  office-a: {name: {vi: Phòng Quản lý công nghệ, en: Office A}, parent: agency-b, aliases: [Phòng QLCN]}
  agency-b: {name: {vi: Sở Tư pháp, en: Justice}}
  agency-c: {name: {vi: Sở Tài chính, en: Finance}}
persons:
  anna: {name: Trịnh Quang Huy, unit: office-a}
  bao: {name: Trịnh Văn Huy, unit: agency-b}
  cam: {name: Lê Thị Cam, unit: office-a}
roles:
  clerk: {title: {vi: Văn thư, en: Clerk}, holders: [anna], records_for: [agency-b]}
"""


@pytest.fixture
def asked(done, workspace, paper):
    """A plan in which the Department of Justice was asked for its opinion."""
    (workspace / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    done("people", "load")
    done("create", "sample-decision", "--id", "1", "--on", "2019-04-01")
    done("act", "1", "write", "submit", "--attach", paper, "--on", "2019-04-15")
    done("advance", "1", "circulate", "--on", "2019-05-01")
    return "1"


def owners(result):
    """Whose work a list has."""
    assert 0 == result.exit_code, result.output
    return {item["owner"] for item in json.loads(result.stdout)["work_items"]}


@pytest.mark.parametrize("unit", ["office-a", "Phòng QLCN", "phong qlcn", "Phòng Quản lý công nghệ", "quản lý công"])
def test_due_of_a_unit_by_what_people_call_it(typed, asked, unit):
    """Id, alias and name mean the same unit, also without accents, in either normal form, and in part."""
    for form in ("NFC", "NFD"):
        assert {"office-a"} == owners(typed("due", "--unit", unicodedata.normalize(form, unit), "--json"))


def test_due_of_a_department_has_its_divisions(typed, asked):
    """What a unit right below it owes is the department's too."""
    assert {"agency-b", "office-a"} == owners(typed("due", "--unit", "Sở Tư pháp", "--json"))


def test_who_acts_may_be_named_in_full(typed, asked):
    """The trail has the id of whoever was named, and the unit's id."""
    act = ("act", asked, "round", "respond", "--unit", "Sở Tư pháp", "--position", "agree", "--on", "2019-05-02")
    assert 0 == typed(*act, "--as", "trinh quang huy").exit_code

    event = json.loads(typed("audit", "show", asked, "--by", "Trịnh Quang Huy", "--json").stdout)["events"][-1]
    assert ("anna", "agency-b", "agency-b") == (event["actor"], event["on_behalf"], event["data"]["data"]["unit"])
    assert 0 == typed("next", asked, "--as", "Lê Thị Cam").exit_code


@pytest.mark.parametrize(
    ("words", "candidates"),
    [
        (["due", "--unit", "Sở"], ["agency-b", "agency-c"]),
        (["act", "1", "round", "respond", "--unit", "sở", "--position", "agree", "--as", "anna"], ["agency-b"]),
        (["next", "1", "--as", "Huy"], ["anna", "bao"]),
        (["next", "1", "--as", "Thị Cam"], ["cam"]),
    ],
)
def test_what_may_be_several_is_refused_with_the_candidates(typed, asked, words, candidates):
    """Nothing is guessed: exit 2 names who may be meant; a person is never meant by a part of the name."""
    result = typed(*words, "--json")

    assert (2, "ambiguous-name") == (result.exit_code, error_of(result)["code"])
    assert all(candidate in error_of(result)["message"] for candidate in candidates)


def test_what_nobody_is_called_is_told(typed, asked):
    """An unknown name ends with the error that an unknown id has."""
    assert 2 == typed("due", "--unit", "Bộ Quốc phòng").exit_code
    assert "unknown-actor" == error_of(typed("advance", asked, "--as", "Nobody At All", "--json"))["code"]
