"""Definitions to judge, good ones and what becomes of them, and the faults that our own loader finds in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from enum import Enum
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel

from workflow.catalogue import Catalogue
from workflow.check import check
from workflow.language.loader import load, parse
from workflow.language.problems import DefinitionInvalid, Problem
from workflow.registry import Registry
from workflow.steps.schema import Described, describe

FOLDER = Path(__file__).parents[1] / "definitions"
EXAMPLE = re.search(r"<!-- example -->\n```yaml\n(.*?)```", (FOLDER / "README.md").read_text("utf-8"), re.DOTALL)[1]

EVERYTHING = """\
workflow: 1
id: everything
version: 3
title: Mọi thứ
normative: true
confidential: false
calendar: vn
number: 1/KH
issued: 2021-04
series: KH-KHCN
issued_by: clerk
signed_by: Giám đốc
lead: phong-qlcn
with_units: ["@so-units"]
by: lead
policies: {before: inclusive, fixed_day_off: keep, term_day_off: keep}
parameters: {urgent: {title: Khẩn, default: ""}}
documents:
  decision: {title: Quyết định, numbered: true, series: NQ-HĐND, issued_by: [clerk], year_in_number: true}
  paper: {title: Tờ trình, confidential: false, encloses: decision, follows: decision}
bases: [{number: 1/QĐ, date: 2018-11-30, body: UBND, title: Về việc, date_as_written: 30/11, note: Ghi}]
recipients: [{to: Sở, purpose: để biết, electronic: true}]
outline: [{label: I, title: Mục, sections: [{label: "1", title: Mục con}]}]
note: Ghi chú
stages:
  one:
    title: {vi: Một, en: One}
    label: "1"
    window: 2021-01-01/2021-01-31
    text: Tháng Một
    lead: phong-khtc
    produces: [Báo cáo]
    goes_to: director
    steps:
      work: {uses: task, with: {produces: Kết quả}, label: a, due: 2021-01-05, required: false, goes_to: [director]}
      write: {uses: draft, with: {document: decision, number: 1, revises: false}, after: work}
      papers: {uses: dossier, with: {papers: [decision, paper]}, before: 2021-01-20, confidential: true}
      looked: {uses: appraisal, with: {body: so-tu-phap, document: decision, answer_days: 15, clock: stops}}
      seen: {uses: verification, with: {body: van-phong-ubnd-tinh, basis: unverified}, month: 2021-01}
    transitions:
      onward: {to: two, when: "visits['one'] < 2", outcome: {write: submitted}, needs: decision, note: Ghi}
  two:
    title: Hai
    after: {stage: one, working_days: 3}
    buffer: true
    steps:
      ask: {uses: consultation, with: {invite: ["@so-units"], close: quorum, quorum: {agree: 2, veto: [so-tu-phap]}}}
      post: {uses: public-comment, with: {document: decision, min_days: 60}, inherit: true}
      vote: {uses: submission, with: {body: ubnd-tinh, majority: {more_than: 1/2}}, undecided: chưa rõ}
    transitions:
      back: {to: one, reopen: [one/write], by: [director], not_same_person_as: one/write, allow_open_steps: true}
      done: {to: three, requires: []}
  three: {title: Ba, back_from: {stage: two, days: 3}, final: true}
alongside:
  fund: {uses: support-fund, with: {ceiling: 810.000.000, heads: {tools: Công cụ}}, until: {date: 2021-12-31}}
  rows: {uses: assignment, with: {rows: [{key: a, title: Việc, lead: phong-qlcn, due: 2021-03-01}]}, from: one}
  series: {uses: periodic-report, with: {every: month, units: [phong-qlcn], to: director}, until: {stage: three}}
  report: {uses: report, with: {to: director, approves: true}, continuous: true, until: {event: Khi xong}}
  duty: {uses: duty, with: {closes_after: 2021-12-31}, on_request: true}
  urgent: {uses: urgent-report, with: {to: director}, title: Đột xuất, until: {event: Khi xong}}
"""


def schema_of(plugins: Registry, language: str = "en") -> Described:
    """The schema of definition files with these plugins."""
    return describe(plugins.step_types, set(plugins.guards), set(plugins.calendars), Catalogue(language).text)


STRUCTURE = {
    *("unknown-key", "missing-key", "wrong-type", "wrong-value", "bad-name", "bad-date", "out-of-range"),
    *("too-long", "too-short", "unknown-step-type", "unknown-calendar", "unknown-guard"),
}
"""Codes of the faults that the schema sees too."""


class Fault(Enum):
    """What is wrong with a file, by who can see it."""

    STRUCTURE = "schema and loader"
    OWN_RULE = "a step type, and the schema where its author says what he takes"
    MEANING = "check alone"


def faults(data: Any, plugins: Registry) -> dict[Fault, list[str]]:
    """The faults for which loader and `check` refuse *data*."""
    try:
        loaded = load(json.dumps(data, ensure_ascii=False).encode(), "x")
    except DefinitionInvalid as invalid:
        # JSON has neither anchors nor keys given twice: what is refused here is refused by the models.
        return {Fault.STRUCTURE: [str(problem) for problem in invalid.problems]}
    found: dict[Fault, list[str]] = {}
    for problem in check(loaded, plugins.step_types, set(plugins.guards), None, set(plugins.calendars)):
        if problem.severity == "error":
            found.setdefault(_kind(problem), []).append(str(problem))
    return found


def _kind(problem: Problem) -> Fault:
    # A wrong value told by `check` stands under `with`: it is none of a closed set, or breaks a rule of the type.
    if problem.code == "wrong-value" and "is none of:" not in problem.phrase.text:
        return Fault.OWN_RULE
    return Fault.STRUCTURE if problem.code in STRUCTURE else Fault.MEANING


def small_ones(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """For each step of *data* a definition with that step alone, in which a change is likelier to hit it."""
    head = {"workflow": 1, "id": "small", "version": 1, "title": "Nhỏ", "documents": data["documents"]}
    for stage in data["stages"].values():
        for id_, step in stage.get("steps", {}).items():
            alone = {key: value for key, value in step.items() if key not in ("after", "inherit")}
            yield {**head, "stages": {"one": {"title": "Một", "final": True, "steps": {id_: alone}}}}
    for id_, step in data["alongside"].items():
        alone = {**step, "until": {"stage": "one"}}
        yield {**head, "stages": {"one": {"title": "Một", "final": True}}, "alongside": {id_: alone}}


LARGE = [parse(text.encode(), "x")[0] for text in (EXAMPLE, EVERYTHING)]
BASES = [*LARGE, *small_ones(LARGE[1])]
"""Definitions without a fault, to be changed."""
VALUES: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        2,
        3661,
        1_000_001,
        "",
        "x",
        "a-b",
        "a--b",
        "A",
        "Sở",
        "@group",
        "a/b",
        "a/b@2",
        "a@b",
    ),
    *("2019-04-01", "2019-4-1", "01/4/2019", "2019-04", "2019-10/2019-11", "2019-04-01/2019-04-15", "true", "yes", "5"),
    *("draft", "task", "nonesuch", "vn", "strict", "keep", "week", "KH-KHCN", "KH_A", "1/2", "a" * 101, "a" * 1001),
    *([], ["x"], ["A"], [1], [None], [["x"]], {}, {"vi": "x"}, {"vi": "x", "en": None}, {"en": "x"}, {"x": "y"}),
    *({"days": 3}, {"working_days": 3}, {"days": 1, "working_days": 1}, {"stage": "one"}, {"stage": "one", "days": 9}),
    *({"date": "2021-01-01"}, {"event": "x"}, {"uses": "task"}, {"uses": "draft"}, {"title": "x"}, {"to": "one"}),
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in *value*, itself included."""
    yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(item, (*path, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    """The value at *path*."""
    for key in path:
        value = value[key]
    return value


def steps_of(data: Any) -> list[dict[str, Any]]:
    """Every step in *data*, wherever it stands."""
    return [found for path in places(data) if isinstance(found := at(data, path), dict) and "uses" in found]


def keys_of(models: list[type[BaseModel]]) -> list[str]:
    """Every key that any of *models* has."""
    return sorted({field.alias or name for model in models for name, field in model.model_fields.items()})


@st.composite
def changed(draw: st.DrawFn, keys: list[str]) -> Any:
    """A definition with a few changes to its structure, of which some do no harm."""
    data = deepcopy(BASES[draw(st.integers(0, len(BASES) - 1))])
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        path = draw(st.sampled_from(list(places(data))))
        kind = draw(st.sampled_from(["replace", "add", "remove", "rename", "move", "retype", "reword", "reword"]))
        target = at(data, path)
        if kind == "retype":
            steps = [
                at(data, one) for one in places(data) if isinstance(at(data, one), dict) and "uses" in at(data, one)
            ]
            if steps:
                draw(st.sampled_from(steps))["uses"] = draw(st.sampled_from(draw(st.sampled_from([keys, TYPES]))))
        elif kind == "reword":
            texts = [one for one in places(data) if one and isinstance(at(data, one), str)]
            if texts:
                (*above, key), other = draw(st.sampled_from(texts)), draw(st.sampled_from(texts))
                at(data, tuple(above))[key] = at(data, other)
        elif kind == "add" and isinstance(target, dict):
            target[draw(st.sampled_from([*keys, "zzz", "Z z"]))] = deepcopy(draw(st.sampled_from(VALUES)))
        elif kind == "add" and isinstance(target, list):
            target.append(deepcopy(draw(st.sampled_from(VALUES))))
        elif path:
            holder, key = at(data, path[:-1]), path[-1]
            if kind == "remove":
                del holder[key]
            elif kind == "rename" and isinstance(holder, dict):
                holder[draw(st.sampled_from(["renamed", "Bad", "a" * 101, *keys]))] = holder.pop(key)
            elif kind == "move":
                holder[key] = deepcopy(at(data, draw(st.sampled_from(list(places(data))))))
            else:
                holder[key] = deepcopy(draw(st.sampled_from(VALUES)))
    return data


TYPES = ["task", "draft", "consultation", "support-fund", "assignment", "periodic-report", "nonesuch", "Task"]
