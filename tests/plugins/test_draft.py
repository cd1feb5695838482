"""`uses: draft`: lần N and its revisions."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from trinh_plugins.draft import Draft

FOUR = {"document": "decision", "number": 4}


def test_the_first_submission_completes_the_draft(run):
    """One revision is enough; it carries the attached files by their SHA-256."""
    draft = run(Draft(), FOUR, due="2019-06-30")
    assert draft.owed() == ["draft"]
    act = draft.act("submit", "2019-06-28", context={"attachments": ["quyet-dinh.docx", "to-trinh.docx"]})

    assert draft.complete
    assert [(made.document, made.number, len(made.files)) for made in act.revisions] == [("decision", 4, 2)]
    assert all(len(sha256) == 64 for sha256 in act.revisions[0].files)
    assert draft.work()["draft"].done_on == "2019-06-28"


def test_later_submissions_are_revisions_of_the_same_number(run):
    """4.1, 4.2 and 4.3: the number stays, and the first day stays the day it was done."""
    acts = [("submit", f"2019-06-{day}", {"note": f"Sửa Điều {day}"}) for day in (26, 27, 28)]
    draft = run(Draft(), FOUR, acts)

    assert [revision.name for revision in draft.plan.revisions] == ["4.1", "4.2", "4.3"]
    assert draft.state.revisions == 3
    assert draft.work()["draft"].done_on == "2019-06-26"
    assert draft.state.last_on == "2019-06-28"


def test_a_later_stage_goes_on_with_the_number(run, plan):
    """A step that revises lần 4 makes 4.2, not a new 4.1."""
    run(Draft(), FOUR, [("submit", "2019-06-28", {})], plan=plan)
    run(Draft(), {**FOUR, "revises": "leadership/write"}, [("submit", "2019-07-20", {})], plan=plan)
    assert [revision.name for revision in plan.revisions] == ["4.1", "4.2"]


def test_a_missing_draft_is_named(run):
    """The reason names lần N, the document and who owes it."""
    reason = run(Draft(), FOUR).blockers()["draft-missing"]
    assert "draft 4 of `decision`" in str(reason)
    assert "lần 4" in reason.phrase.vi.replace("{number}", str(reason.phrase.params["number"]))
    assert reason.who == ("office-a",)


def test_it_says_what_it_brings_about():
    """`check` reads document and number from the options."""
    step_type = Draft()
    assert step_type.draft(step_type.Options(**FOUR)) == ("decision", 4)


@pytest.mark.parametrize("options", [{}, {"document": "d", "number": 0}, {**FOUR, "colour": "red"}])
def test_wrong_options_are_refused(options):
    """Document and a number from 1 are needed; nothing else is known."""
    with pytest.raises(ValidationError):
        Draft.Options(**options)
