"""The register of people: what exists on a day, and who may act in which capacity."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from workflow.errors import NotFound
from workflow.language.definition import Text
from workflow.people import Authority, Register, problems_of

DAY = date(2020, 6, 15)

OFFICE: dict[str, Any] = {
    "people": 1,
    "units": {
        "so": {"name": {"vi": "Sở Khoa học và Công nghệ", "en": "Department of Science"}},
        "qlcn": {"name": "Phòng Quản lý công nghệ", "parent": "so", "aliases": ["Phòng QLCN"]},
        "khtc": {"name": "Phòng Kế hoạch Tài chính", "parent": "so", "until": "2020-12-31", "successor": "tc"},
        "tc": {"name": "Phòng Tài chính", "parent": "so", "from": "2021-01-01"},
        "yen-the": {"name": "UBND huyện Yên Thế", "kind": "district", "until": "2025-06-30", "logs_in": False},
        "bac-giang": {"name": "UBND thành phố Bắc Giang", "kind": "district", "logs_in": False},
    },
    "groups": {
        "districts": {"title": "UBND các huyện, thành phố", "kind": "district"},
        "units-of-so": {"parent": "so"},
        "asked": {"title": "Được hỏi", "members": ["@districts", "qlcn", "@units-of-so"]},
    },
    "persons": {
        "an": {"name": "Nguyễn Văn An", "unit": "qlcn", "login": "an.nv"},
        "binh": {"name": "Trần Thị Bình", "unit": "qlcn", "until": "2020-06-30"},
        "chi": {"name": "Lê Chi", "unit": "khtc", "from": "2020-01-01"},
        "dung": {"name": "Phạm Dũng", "unit": "so"},
    },
    "offices": {
        "director": {
            "title": "Giám đốc",
            "unit": "so",
            "holders": [
                {"person": "dung", "until": "2020-05-31"},
                {"person": "an", "from": "2020-06-01", "until": "2020-06-30"},
                {"person": "binh", "from": "2020-07-01"},
            ],
            "deputies": [{"person": "chi", "from": "2020-03-01"}],
        }
    },
    "roles": {"clerk": {"title": "Văn thư", "holders": ["chi", {"person": "an", "from": "2020-06-15"}]}},
}


def register(**changes: Any) -> Register:
    """The office above, with these parts merged into it."""
    data = deepcopy(OFFICE)
    for part, entries in changes.items():
        for id_, entry in entries.items():
            data[part][id_] = {**data[part].get(id_, {}), **entry}
    return Register.model_validate(data)


@pytest.fixture(scope="module")
def office() -> Register:
    return register()


# -- what there is ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ref", "kind", "name"),
    [
        ("so", "unit", Text(vi="Sở Khoa học và Công nghệ", en="Department of Science")),
        ("@districts", "group", Text(vi="UBND các huyện, thành phố")),
        ("@units-of-so", "group", None),
        ("director", "office", Text(vi="Giám đốc")),
        ("clerk", "role", Text(vi="Văn thư")),
        ("dung", "person", Text(vi="Phạm Dũng")),
        ("districts", None, None),
        ("@so", None, None),
        ("nobody", None, None),
        ("", None, None),
    ],
)
def test_a_reference_names_one_thing(office, ref, kind, name):
    """An id names a unit, office, role or person, and `@` before it a group."""
    assert (kind, name, kind is not None) == (office.kind(ref), office.name(ref), office.known(ref))


def test_a_unit_is_valid_from_its_first_to_its_last_day(office):
    """Both days count; a unit that does not exist is valid on none."""
    assert office.unit_valid("khtc", date(2020, 12, 31)) and not office.unit_valid("khtc", date(2021, 1, 1))
    assert office.unit_valid("tc", date(2021, 1, 1)) and not office.unit_valid("tc", date(2020, 12, 31))
    assert not office.unit_valid("@districts", DAY)


@pytest.mark.parametrize(
    ("refs", "on", "units"),
    [
        (("@districts",), DAY, ("yen-the", "bac-giang")),
        (("@districts",), date(2025, 7, 1), ("bac-giang",)),
        (("@units-of-so",), DAY, ("qlcn", "khtc")),
        (("@units-of-so",), date(2021, 1, 1), ("qlcn", "tc")),
        (("@asked",), DAY, ("qlcn", "khtc", "yen-the", "bac-giang")),
        (("bac-giang", "@districts", "so", "so"), DAY, ("so", "yen-the", "bac-giang")),
        (("tc",), DAY, ()),
        ((), DAY, ()),
    ],
)
def test_units_and_groups_resolve_to_the_units_of_the_day(office, refs, on, units):
    """Groups are expanded, units that do not exist that day left out, in the register's order, once each."""
    assert units == office.resolve_units(refs, on)


@pytest.mark.parametrize("ref", ["qlnc", "@nobody", "director", "an"])
def test_a_unit_that_is_not_in_the_register_is_never_left_out_in_silence(office, ref):
    """Asking for the units of something else is refused and the reference named."""
    with pytest.raises(NotFound, match=ref):
        office.resolve_units(("so", ref), DAY)


def test_groups_within_each_other_end():
    """Two groups that hold each other have the members of both."""
    circle = register(groups={"a": {"members": ["@b", "so"]}, "b": {"members": ["@a", "qlcn"]}})

    assert ("so", "qlcn") == circle.resolve_units(("@a",), DAY) == circle.resolve_units(("@b",), DAY)


# -- who may act -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ref", "on", "persons"),
    [
        ("director", date(2020, 2, 29), ("dung",)),
        ("director", date(2020, 5, 31), ("dung", "chi")),
        ("director", date(2020, 6, 1), ("an", "chi")),
        ("director", date(2020, 7, 1), ("chi",)),
        ("clerk", date(2020, 6, 14), ("chi",)),
        ("clerk", date(2020, 6, 15), ("chi", "an")),
        ("clerk", date(2019, 12, 31), ()),
        ("qlcn", DAY, ("an", "binh")),
        ("qlcn", date(2020, 7, 1), ("an",)),
        ("khtc", date(2021, 1, 1), ()),
        ("@units-of-so", DAY, ("an", "binh", "chi")),
        ("binh", DAY, ("binh",)),
        ("binh", date(2020, 7, 1), ()),
        ("nobody", DAY, ()),
    ],
)
def test_those_who_can_act_are_the_ones_appointed_and_there_on_the_day(office, ref, on, persons):
    """A holder counts within the tenure and the person's own time, and comes before the deputies."""
    assert persons == office.holders(ref, on)


@pytest.mark.parametrize(
    ("person", "refs", "on", "authority"),
    [
        ("an", ("director",), DAY, Authority("director", "holder")),
        ("chi", ("director",), DAY, Authority("director", "deputy", "kt")),
        ("chi", ("clerk", "director"), DAY, Authority("clerk", "holder")),
        ("an", ("qlcn", "director"), DAY, Authority("qlcn", "member")),
        ("an", ("nobody", "@asked"), DAY, Authority("qlcn", "member")),
        ("dung", ("qlcn", "dung"), DAY, Authority("dung", "self")),
        ("dung", ("director",), DAY, None),
        ("binh", ("binh", "qlcn"), date(2020, 7, 1), None),
        ("nobody", ("nobody", "qlcn"), DAY, None),
        ("an", (), DAY, None),
    ],
)
def test_authority_is_the_first_capacity_that_fits(office, person, refs, on, authority):
    """The references are tried in order; a group gives the unit that the person belongs to."""
    assert authority == office.authority(person, refs, on)


@given(st.sampled_from(["director", "clerk", "qlcn", "khtc", "@asked", "an", "binh"]), st.dates(date(2019, 1, 1)))
def test_exactly_the_holders_have_authority(ref, on):
    """On any day, those listed as able to act for something are those who have authority for it."""
    office = register()

    able = {person for person in office.persons if office.authority(person, (ref,), on)}
    assert able == set(office.holders(ref, on))


def test_a_login_belongs_to_a_person():
    """A login finds its person, on a day the one of that day; an unknown one finds nobody."""
    shared = register(persons={"binh": {"login": "front-desk"}, "chi": {"login": "front-desk", "from": "2020-07-01"}})

    assert "an" == shared.person_of_login("an.nv")
    assert "binh" == shared.person_of_login("front-desk", date(2020, 6, 30))
    assert "chi" == shared.person_of_login("front-desk", date(2020, 7, 1))
    assert shared.person_of_login("root") is None
    assert [] == list(problems_of(shared))


# -- finding a unit --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("Phòng QLCN", ("qlcn",)),
        ("  phòng   qlcn ", ("qlcn",)),
        ("phong qlcn", ("qlcn",)),
        ("Pho\u0300ng QLCN", ("qlcn",)),
        ("UBND thanh pho Bac Giang", ("bac-giang",)),
        ("department of science", ("so",)),
        ("khtc", ("khtc",)),
        ("tai chinh", ("khtc", "tc")),
        ("Công an", ()),
        ("   ", ()),
    ],
)
def test_a_unit_is_found_by_what_people_write(office, text, units):
    """Id, name and alias count without regard to case, spacing and accents, and parts of them at last."""
    assert units == office.search(text)


def test_a_name_written_with_its_accents_is_preferred():
    """Two names that differ in accents alone are told apart by who writes them, and both found without."""
    two = register(units={"duc": {"name": "Phòng Đức"}, "duoc": {"name": "Phòng Dục"}})

    assert ("duc",) == two.search("phòng đức")
    assert ("duoc",) == two.search("phòng dục")
    assert ("duc", "duoc") == two.search("phong duc")


# -- what does not fit together --------------------------------------------------------------------


def test_the_office_has_no_problem(office):
    """A register whose references all exist has nothing to tell."""
    assert [] == list(problems_of(office))


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"units": {"tc": {"parent": "sx"}}}, ("units", "tc", "parent"), "no unit sx"),
        ({"units": {"tc": {"successor": "sx"}}}, ("units", "tc", "successor"), "no unit sx"),
        ({"groups": {"asked": {"members": ["so", "@sx"]}}}, ("groups", "asked", "members", 1), "no group @sx"),
        ({"groups": {"asked": {"members": ["director"]}}}, ("groups", "asked", "members", 0), "no unit director"),
        ({"groups": {"units-of-so": {"parent": "sx"}}}, ("groups", "units-of-so", "parent"), "no unit sx"),
        ({"groups": {"districts": {"kind": "distric"}}}, ("groups", "districts", "kind"), "kind distric"),
        ({"persons": {"an": {"unit": "sx"}}}, ("persons", "an", "unit"), "no unit sx"),
        ({"persons": {"dung": {"login": "an.nv"}}}, ("persons", "dung", "login"), "an and dung have the login an.nv"),
        ({"offices": {"director": {"unit": "sx"}}}, ("offices", "director", "unit"), "no unit sx"),
        ({"offices": {"director": {"deputies": ["sx"]}}}, ("offices", "director", "deputies", 0), "no person sx"),
        (
            {
                "offices": {
                    "director": {
                        "holders": [{"person": "an", "until": "2020-06-30"}, {"person": "sx", "from": "2020-07-01"}]
                    }
                }
            },
            ("offices", "director", "holders", 1),
            "no person sx",
        ),
        ({"roles": {"clerk": {"holders": ["chi", "sx"]}}}, ("roles", "clerk", "holders", 1), "no person sx"),
        ({"roles": {"so": {"title": "Sở"}}}, ("roles", "so"), "id so is already taken in `units`"),
        ({"persons": {"asked": {"name": "?", "unit": "so"}}}, ("persons", "asked"), "already taken in `groups`"),
        ({"units": {"so": {"parent": "qlcn"}}}, ("units", "so", "parent"), "in a circle: so → qlcn → so"),
        ({"units": {"tc": {"successor": "khtc"}}}, ("units", "khtc", "successor"), "khtc → tc → khtc"),
        ({"groups": {"a": {"members": ["@a"]}}}, ("groups", "a", "members"), "in a circle: a → a"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(changes, path, words):
    """Each wrong reference, doubled id and circle is one problem at the keys where it stands."""
    problems = {place: str(phrase) for place, phrase in problems_of(register(**changes))}

    assert words in problems[path]


@pytest.mark.parametrize(
    ("holders", "clashes"),
    [
        ([{"person": "an", "until": "2020-05-31"}, {"person": "chi", "from": "2020-06-01"}], []),
        ([{"person": "an", "until": "2020-06-01"}, {"person": "chi", "from": "2020-06-01"}], [1]),
        (
            [
                "an",
                {"person": "chi", "from": "2020-06-01", "until": "2020-06-02"},
                {"person": "dung", "from": "2021-01-01"},
            ],
            [1, 2],
        ),
        ([{"person": "chi", "from": "2020-06-01"}, {"person": "an", "until": "2020-06-30"}], [0]),
    ],
)
def test_an_office_has_one_holder_at_a_time(holders, clashes):
    """Whoever holds an office on a day on which somebody else does is told, a role's holders are not."""
    changed = register(offices={"director": {"holders": holders}}, roles={"clerk": {"holders": holders}})

    assert [("offices", "director", "holders", place) for place in clashes] == [
        path for path, _ in problems_of(changed)
    ]


def test_two_separate_circles_are_both_told():
    """All circles come out in one run, each once."""
    pairs = {"a": "b", "b": "a", "c": "d", "d": "c", "into-a": "a"}
    circles = register(groups={id_: {"members": [f"@{other}"]} for id_, other in pairs.items()})

    told = [phrase.params["path"] for _, phrase in problems_of(circles)]
    assert [{"a", "b"}, {"c", "d"}] == sorted((set(path.split(" → ")) for path in told), key=min)


@pytest.mark.parametrize(
    "changes",
    [
        {"units": {"so": {"from": "2020-02-30"}}},
        {"units": {"so": {"from": "20200201"}}},
        {"units": {"so": {"from": 20200201}}},
        {"units": {"so": {"from": "2020-02-02", "until": "2020-02-01"}}},
        {"units": {"so": {"alias": "S"}}},
        {"units": {"Sở": {"name": "Sở"}}},
        {"groups": {"asked": {"kind": "district"}}},
        {"groups": {"new": {"title": "trống"}}},
        {"offices": {"director": {"holders": [{"from": "2020-01-01"}]}}},
    ],
)
def test_what_the_language_of_people_does_not_know_is_refused(changes):
    """Days that do not exist, times that end before they begin, unknown keys and half a group are faults."""
    with pytest.raises(ValidationError):
        register(**changes)


def test_the_register_survives_its_data(office):
    """A register comes back from its JSON as it was."""
    assert office == Register.model_validate_json(office.model_dump_json(by_alias=True, exclude_none=True))


def test_a_large_register_is_searched_for_problems_in_a_moment():
    """Ten thousand units in one line of parents and as many holders of one office end without recursion."""
    count = 10_000
    units = {f"u{n}": {"name": "Đơn vị", "parent": f"u{n + 1}"} for n in range(count)}
    tenures = [{"person": "an", "from": f"{n // 12 + 1000}-{n % 12 + 1:02}-01"} for n in range(count // 2)]
    large = register(units={**units, f"u{count}": {"name": "Gốc"}}, offices={"director": {"holders": tenures}})

    assert count // 2 - 1 == len(list(problems_of(large)))
