"""An office with a plan that has something of everything a paper shows, and the reading back of a paper."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import docx
from click.testing import CliRunner, Result

from workflow.bootstrap import Workspace, open_workspace
from workflow.cli import main
from workflow.clock import SimulatedClock
from workflow.service.service import Service
from workflow.views.plans import Write

PLAN = "7-KH-2026"
ODD_TEXTS = ("{{ 7 * 7 }}", "<w:p>", "=1+1", "{% raw %} & “ngoặc”", "dòng 1\ndòng 2", "{_{ x }_}")
"""Texts that mean something to Word, to templates or to spreadsheets, and nothing to us."""

DEFINITION = """\
workflow: 1
id: papers
version: 1
title: {vi: Quy định hỗ trợ mẫu, en: Sample rules}
by: [phong-a, clerk]
lead: phong-a
series: KH-KHCN
bases:
  - number: 754/QĐ-UBND
    date: 2018-11-30
    body: Chủ tịch UBND tỉnh
    title: {vi: Chương trình công tác, en: Work programme}
  - {number: 43/2022/NQ-HĐND, date: 2022-12-09, body: HĐND tỉnh}
recipients:
  - {to: Sở Tư pháp, purpose: b/cáo}
  - {to: "Lưu: VT, QLCN"}
documents:
  decision: {title: {vi: Dự thảo Quyết định, en: Draft decision}, numbered: true}
  secret: {title: {vi: Phụ lục mật, en: Secret annex}, confidential: true}
  submission-paper:
    title: {vi: Tờ trình UBND tỉnh, en: Submission paper}
    encloses: [decision, secret]
    series: TTr-KHCN
stages:
  work:
    title: {vi: Xây dựng dự thảo, en: Work}
    label: "1"
    window: 2026-03-01/2026-03-31
    text: Từ ngày 01/3 đến ngày 31/3/2026
    steps:
      write: {uses: draft, with: {document: decision, number: 1}, title: {vi: Viết dự thảo, en: Write}}
      paper: {uses: dossier, with: {papers: [submission-paper]}, title: {vi: Hoàn thiện hồ sơ, en: Papers}}
      round:
        uses: consultation
        with: {invite: ["@asked"], document: decision, close: manual}
        title: {vi: Lấy ý kiến, en: Opinions}
        after: [write]
      hidden:
        uses: task
        confidential: true
        title: {vi: Việc mật, en: Secret work}
        due: 2026-03-20
      table:
        uses: assignment
        title: {vi: Giao việc, en: Tasks}
        with:
          rows:
            - {key: "1", title: {vi: Thu thập số liệu, en: Figures}, lead: phong-a, due: 2026-03-10}
            - {key: "2", title: {vi: Vẽ bản đồ, en: Maps}, lead: phong-b, inherit: true}
            - {key: "3", title: {vi: Tính kinh phí, en: Costs}, lead: phong-b, undecided: Chờ ý kiến}
    transitions: {finish: {to: done, allow_open_steps: true}}
  done: {title: {vi: Xong, en: Done}, final: true}
"""
PEOPLE = """\
people: 1
units:
  ubnd-tinh: {name: Ủy ban nhân dân tỉnh Bắc Giang, kind: committee}
  so: {name: Sở Khoa học và Công nghệ, aliases: [Sở KH&CN], parent: ubnd-tinh}
  phong-a: {name: Phòng Quản lý Công nghệ, parent: so}
  phong-b: {name: Phòng Kế hoạch, parent: so}
UNITS
groups:
  asked: {kind: asked}
persons:
  anna: {name: Nguyễn Thị An, unit: phong-a}
  chi: {name: Lê Văn Chi, unit: phong-b}
  giam-doc: {name: Nguyễn Thanh Bình, unit: so}
  pho: {name: Nguyễn Phúc Thương, unit: so}
  truong-phong: {name: Chu Thanh Sơn, unit: phong-a}
offices:
  director:
    title: Giám đốc Sở Khoa học và Công nghệ
    unit: so
    holders: [giam-doc]
    deputies: [{person: pho, from: 2026-01-01}]
    substitutes: [{person: truong-phong, form: tl, basis: {number: 12/QĐ-KHCN}}]
  head-a: {title: Trưởng phòng Quản lý Công nghệ, unit: phong-b, holders: [truong-phong]}
roles:
  clerk: {title: Văn thư, holders: [anna], records_for: ["@asked", phong-a, phong-b]}
"""


class Office:
    """The workspace, on a clock set to the days on which things happen."""

    def __init__(self, root: Path, clock: SimulatedClock) -> None:
        self.root = root
        self.clock = clock
        self.workspace: Workspace = open_workspace(root, clock=clock)
        self.papers = root / "papers"

    @property
    def service(self) -> Service:
        return self.workspace.service

    def write(self, day: str, **more: Any) -> Write:
        """Somebody writes on that day."""
        self.clock.move_to(date.fromisoformat(day))
        return Write(actor="anna", **more)

    def act(self, step: str, action: str, day: str, *, attach: Iterable[Path] = (), **parameters: Any) -> None:
        """Do something on a step of the plan."""
        self.service.act(PLAN, step, action, parameters, self.write(day, attach=tuple(attach)))

    def answer(self, unit: str, position: str, day: str, **more: Any) -> None:
        """A unit's letter comes in."""
        self.act("round", "respond", day, unit=unit, position=position, **more)

    def make(self, kind: str, **more: Any) -> bytes:
        """Make a paper of the plan."""
        return self.service.make_paper(PLAN, kind, folder=self.papers, **more).content

    def typed(self, *arguments: str, **more: Any) -> Result:
        """Type a command in the workspace."""
        return CliRunner().invoke(main, ["--workspace", str(self.root), *arguments], prog_name="workflow", **more)


def read(content: bytes) -> Any:
    """Open a paper as python-docx sees it."""
    return docx.Document(io.BytesIO(content))


def text_of(document: Any) -> str:
    """All the words of a paper, tables included, in their order."""
    return "\n".join(node.text or "" for node in document.element.body.iter() if node.tag.endswith("}t"))


def cells(table: Any) -> list[list[str]]:
    """The texts of a table's rows."""
    return [[cell.text for cell in row.cells] for row in table.rows]


def ruled(document: Any) -> list[list[str]]:
    """The texts of all rows that have borders, in their order."""
    return [
        row for table in document.tables if table.style and table.style.name == "Table Grid" for row in cells(table)
    ]
