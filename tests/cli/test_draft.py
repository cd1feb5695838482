"""`draft list`, `draft show`, `draft diff`: what people read of a plan's documents."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from cli.conftest import Type, error_of

from workflow.service import changes

TEXT = """# Quyết định

Điều 1. Hỗ trợ tối đa 30% chi phí.

Điều 2. Cơ quan thực hiện là Sở Khoa học và Công nghệ.
"""
CHANGED = TEXT.replace("30% chi phí", "50% tổng chi phí") + "\nĐiều 3. Hiệu lực từ ngày ký.\n"
ASKING = """
from workflow import Act, Approved, Parameters, Sent, StepType, UnitRef, action, hookimpl


class Answered(Parameters):
    unit: UnitRef
    revision: str


class Asking(StepType):
    name = "asking"
    title = {"vi": "Hỏi", "en": "Asking"}
    states = {"open": {"vi": "Mở", "en": "Open"}, "done": {"vi": "Xong", "en": "Done"}}
    complete_states = ("done",)

    @action("send", title={"vi": "Gửi", "en": "Send"})
    def send(self, view, parameters, context):
        return Act(sends=(Sent("decision", ("agency-b",)),))

    @action("answer", title={"vi": "Trả lời", "en": "Answer"}, parameters=Answered)
    def answer(self, view, parameters, context):
        data = {"unit": parameters.unit, "document": "decision", "about": parameters.revision}
        return Act(data, on_behalf=parameters.unit)

    @action("approve", title={"vi": "Duyệt", "en": "Approve"})
    def approve(self, view, parameters, context):
        newest = view.plan.latest_revision("decision")
        return Act(approves=(Approved("decision", newest.number, newest.revision),))


@hookimpl
def step_types():
    return (Asking(),)
"""
PARAGRAPH = '<w:p><w:r><w:t xml:space="preserve">{}</w:t></w:r></w:p>'
SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def word(*paragraphs: str, before: str = "", body: str | None = None) -> bytes:
    """A Word file with these paragraphs."""
    inner = body if body is not None else "".join(PARAGRAPH.format(text) for text in paragraphs)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        document = f'<?xml version="1.0"?>{before}<w:document xmlns:w="{SPACE}"><w:body>{inner}</w:body></w:document>'
        archive.writestr("word/document.xml", document)
    return made.getvalue()


@pytest.fixture
def submit(done: Type, plan: str, tmp_path: Path):
    """Hands in a revision: `submit("decision.md", text, "--based-on", "1.1")`."""

    def run(name: str, content: str | bytes, *more: str):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return done("act", plan, "write", "submit", "--attach", str(path), *more)

    return run


@pytest.fixture
def asked(plan: str) -> str:
    """The plan; its step `ask` sends the decision to agency-b."""
    return plan


@pytest.fixture
def workspace(workspace: Path) -> Path:
    """The workspace with a step type of its own, beside the draft's step."""
    (workspace / "plugins" / "asking.py").write_text(ASKING, encoding="utf-8")
    sample = workspace / "definitions" / "sample.yaml"
    write = '      write: {uses: draft, label: "2.1", with: {document: decision, number: 1}}\n'
    text = sample.read_text(encoding="utf-8").replace(write, write + "      ask: {uses: asking}\n")
    sample.write_text(text, encoding="utf-8")
    return workspace


@pytest.fixture
def two(submit) -> None:
    """Two revisions of the decision, the second with changed words."""
    submit("decision.md", TEXT)
    submit("decision.md", CHANGED, "--based-on", "1.1")


def test_the_list_names_author_files_and_what_a_revision_goes_on_from(done, plan, two):
    """Each revision has its day, author, files by short SHA-256, and what it is based on."""
    shown = done("draft", "list", plan).output

    assert "1.1" in shown and "1.2" in shown and "based on 1.1" in shown
    assert "Nguyễn Thị An" in shown
    assert hashlib.sha256(CHANGED.encode()).hexdigest()[:12] in shown


def test_the_list_as_json(done, plan, two):
    """One array, named after the thing; every element has an id."""
    found = json.loads(done("draft", "list", plan, "decision", "--json").output)["revisions"]

    assert ["decision:1.1", "decision:1.2"] == [one["id"] for one in found]
    assert [None, "1.1"] == [one["based_on"] for one in found]
    assert ["anna", "anna"] == [one["author"] for one in found]
    assert [False, True] == [one["newest"] for one in found]


def test_what_was_sent_is_shown_with_its_addressee(done, asked, submit):
    """What a step sends is frozen; the list says to whom it went and when."""
    submit("decision.md", TEXT)
    submit("decision.md", CHANGED)
    done("act", asked, "ask", "send")
    found = json.loads(done("draft", "list", asked, "--json").output)["revisions"]

    assert [[], ["agency-b"]] == [[to for sent in one["sent"] for to in sent["to"]] for one in found]
    assert "to agency-b" in done("draft", "list", asked).output


def test_an_approval_visibly_no_longer_covers_the_draft(done, typed, asked, submit):
    """After an edit the list says that the approval is of an older revision."""
    submit("decision.md", TEXT)
    done("act", asked, "ask", "send")
    assert 0 == typed("act", asked, "ask", "approve", "--as", "cam").exit_code
    assert "NO LONGER COVERS" not in done("draft", "list", asked).output

    submit("decision.md", CHANGED)
    assert "NO LONGER COVERS" in done("draft", "list", asked).output
    first = json.loads(done("draft", "list", asked, "--json").output)["revisions"][0]
    assert [("cam", False)] == [(one["person"], one["covers"]) for one in first["approvals"]]


def test_a_revision_on_an_overtaken_one_is_a_conflict(typed, plan, two, paper):
    """The other revision is named with its author, exit 5, and nothing is lost or changed."""
    refused = typed("act", plan, "write", "submit", "--based-on", "1.1", "--attach", paper, "--as", "anna", "--json")
    error = error_of(refused)

    assert 5 == refused.exit_code and "revision-overtaken" == error["code"]
    assert "1.2" in error["message"] and "anna" in error["message"]
    assert f"draft diff {plan} decision 1.1 1.2" in error["hint"]
    assert 2 == len(json.loads(typed("draft", "list", plan, "--json").output)["revisions"])


def test_a_revision_based_on_none_that_exists_is_refused(typed, plan, two):
    """Exit 3, with the revisions that there are."""
    refused = typed("act", plan, "write", "submit", "--based-on", "7.1", "--as", "anna")

    assert 3 == refused.exit_code
    assert "1.1, 1.2" in refused.stderr


def test_out_writes_the_files_as_they_were(done, plan, two, tmp_path):
    """`draft show --out` gives back the bytes of any revision, also of one that was overtaken."""
    done("draft", "show", plan, "decision", "1.1", "--out", str(tmp_path / "out"))

    assert TEXT.encode() == (tmp_path / "out" / "decision.md").read_bytes()


def test_out_never_overwrites(typed, plan, two, tmp_path):
    """A file that is there already stays as it is; exit 2."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "decision.md").write_text("mine", encoding="utf-8")
    refused = typed("draft", "show", plan, "decision", "--out", str(tmp_path / "out"))

    assert 2 == refused.exit_code and "is there already" in refused.stderr
    assert "mine" == (tmp_path / "out" / "decision.md").read_text(encoding="utf-8")


def test_the_difference_marks_the_words(done, plan, two):
    """Changed words are marked in their paragraph; what did not change is counted."""
    shown = done("draft", "diff", plan, "decision").output

    assert "Điều 1. Hỗ trợ tối đa [-30%-] {+50% tổng+} chi phí." in shown
    assert "{+Điều 3. Hiệu lực từ ngày ký.+}" in shown
    assert "Điều 2" not in shown and "paragraphs unchanged: 1" in shown
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert "\x1b" not in shown


def test_the_difference_as_json(done, plan, two):
    """Every paragraph with its kind, its numbers and its parts."""
    found = json.loads(done("draft", "diff", plan, "decision", "1.1", "1.2", "--json").output)
    paragraphs = found["files"][0]["paragraphs"]

    assert ["same", "changed", "same", "added"] == [one["kind"] for one in paragraphs]
    assert {"kind": "removed", "text": "30%"} in paragraphs[1]["parts"]


def test_what_changed_since_somebody_was_asked(done, asked, submit):
    """`--since` starts from the revision that was sent to the unit, or with the step."""
    submit("decision.md", TEXT)
    done("act", asked, "ask", "send")
    assert "Nothing changed since" in done("draft", "diff", asked, "decision", "--since", "agency-b").output

    submit("decision.md", CHANGED)
    shown = done("draft", "diff", asked, "decision", "--since", "agency-b").output
    assert "agency-b was sent 1.1" in shown and "{+50% tổng+}" in shown
    found = json.loads(done("draft", "diff", asked, "decision", "--since", "ask", "--json").output)
    assert ("1.1", "1.2", "sent") == (found["from"], found["to"], found["since"]["how"])


def test_what_changed_since_an_opinion(done, asked, submit):
    """The revision that a unit spoke of counts, once it spoke."""
    submit("decision.md", TEXT)
    submit("decision.md", CHANGED)
    done("act", asked, "ask", "send")
    done("act", asked, "ask", "answer", "--unit", "agency-b", "--revision", "1.1")
    found = json.loads(done("draft", "diff", asked, "decision", "--since", "agency-b", "--json").output)

    assert ("1.1", "spoken") == (found["from"], found["since"]["how"])


def test_nothing_sent_is_said(typed, plan, two):
    """Exit 2 where the unit was sent nothing, and where there is no such unit."""
    assert "never-sent" == error_of(typed("draft", "diff", plan, "decision", "--since", "agency-b", "--json"))["code"]
    assert "unknown-unit" == error_of(typed("draft", "diff", plan, "decision", "--since", "nobody", "--json"))["code"]


def test_word_files_are_compared(done, plan, submit):
    """The text of .docx files, paragraph by paragraph; a renamed file is the same file."""
    submit("du-thao-lan-1.docx", word("Điều 1. Hỗ trợ 30%", "Điều 2."))
    submit("du-thao-lan-1b.docx", word("Điều 1. Hỗ trợ 50%", "Điều 2."))
    shown = done("draft", "diff", plan, "decision").output

    assert "Điều 1. Hỗ trợ [-30%-] {+50%+}" in shown
    assert "du-thao-lan-1.docx -> du-thao-lan-1b.docx" in shown


@pytest.mark.parametrize(
    "content", [b"no archive", b"PK\x03\x04rubbish", word(before='<!DOCTYPE w [<!ENTITY a "b">]>')]
)
def test_a_docx_that_is_none_is_refused(typed, plan, submit, content):
    """Exit 2 with the file's name; a document type, the door of entity bombs, is refused too."""
    submit("a.docx", word("Điều 1."))
    submit("a.docx", content)
    refused = typed("draft", "diff", plan, "decision", "--json")

    assert 2 == refused.exit_code
    assert "bad-file" == error_of(refused)["code"] and "a.docx" in error_of(refused)["message"]


def test_a_missing_extra_is_named(typed, plan, submit, monkeypatch):
    """Without pypdf the extra that brings it is named; exit 2."""
    submit("a.pdf", b"%PDF-1")
    submit("a.pdf", b"%PDF-2")
    monkeypatch.setitem(__import__("sys").modules, "pypdf", None)
    refused = typed("draft", "diff", plan, "decision", "--json")

    assert 2 == refused.exit_code and "extra-missing" == error_of(refused)["code"]
    assert "papers" in error_of(refused)["message"]


def test_control_characters_reach_no_terminal(done, plan, submit):
    """A text with escape sequences and templates is shown as harmless text."""
    submit("a.txt", "một")
    submit("a.txt", "\x1b[31m{{7*7}} <w:p> =1+1")
    shown = done("draft", "diff", plan, "decision").output

    assert "\x1b" not in shown and "{{7*7}} <w:p> =1+1" in shown


def test_what_does_not_exist_is_named(typed, plan, two):
    """An unknown document or revision: exit 2, with those that there are."""
    assert "decision" in error_of(typed("draft", "list", plan, "nothing", "--json"))["hint"]
    assert "1.1, 1.2" in error_of(typed("draft", "show", plan, "decision", "9.9", "--json"))["hint"]


ROUND = """
workflow: 1
id: round
version: 1
title: {vi: Một vòng, en: A round}
by: office-a
lead: office-a
documents: {decision: {title: Dự thảo, numbered: true}, other: {title: Khác, numbered: true}}
stages:
  asking:
    title: {vi: Lấy ý kiến, en: Asking}
    steps:
      write: {uses: draft, with: {document: decision, number: 1}}
      write-other: {uses: draft, with: {document: other, number: 1}}
      round: {uses: consultation, after: [write], with: {invite: [agency-b], document: decision}}
    transitions: {go: {to: done}}
  done: {title: Xong, final: true}
"""


def test_what_changed_since_the_letter_of_a_unit(done, workspace, plan, tmp_path):
    """A unit answers a round; its officer reads what changed since, though the draft went on twice."""
    (workspace / "definitions" / "round.yaml").write_text(ROUND, encoding="utf-8")
    done("create", "round", "--id", "2-KH")

    def submit(text: str) -> None:
        path = tmp_path / "a.md"
        path.write_text(text, encoding="utf-8")
        done("act", "2-KH", "write", "submit", "--attach", str(path))

    submit(TEXT)
    done("act", "2-KH", "round", "respond", "--unit", "agency-b", "--position", "agree", "--letter", "12/CV")
    submit(TEXT + "Điều 3.")
    submit(CHANGED)
    found = json.loads(done("draft", "diff", "2-KH", "decision", "--since", "agency-b", "--json").output)

    assert ("1.1", "1.3", "spoken") == (found["from"], found["to"], found["since"]["how"])


def test_a_file_that_changed_between_attaching_and_storing_is_refused(typed, plan, paper, monkeypatch):
    """Somebody saves the file while the command runs: exit 2, no revision, nothing of the file is kept."""
    decide = changes.decide

    def slow(*arguments):
        Path(paper).write_text("dự thảo khác hẳn", encoding="utf-8")
        return decide(*arguments)

    monkeypatch.setattr(changes, "decide", slow)
    refused = typed("act", plan, "write", "submit", "--attach", paper, "--as", "anna", "--json")

    assert 2 == refused.exit_code and "file-changed" == error_of(refused)["code"]
    assert [] == json.loads(typed("draft", "list", plan, "--json").output)["revisions"]
    assert 0 == typed("audit", "verify").exit_code
