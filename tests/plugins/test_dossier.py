"""`uses: dossier`: the papers that go forward together."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from trinh_plugins.dossier import Dossier
from workflow import Refused

PAPERS = {"papers": ["submission-paper", "opinion-table"]}


def filed(paper: str, *names: str, **more) -> tuple[str, str, dict]:
    """An act on 2019-06-20 that hands in files as a paper."""
    return "file", "2019-06-20", {"paper": paper, "context": {"attachments": names or ["a.docx"]}, **more}


def test_it_is_complete_when_all_papers_are_there(run):
    """Each paper makes a revision of its own document; the last one completes the dossier."""
    dossier = run(Dossier(), PAPERS, [filed("submission-paper")], due="2019-06-30")
    assert not dossier.complete
    assert ["opinion-table"] == dossier.owed()

    name, day, values = filed("opinion-table", "b.docx", "c.docx")
    act = dossier.act(name, day, **values)

    assert dossier.complete
    assert [("opinion-table", 1, 2)] == [(made.document, made.number, len(made.files)) for made in act.revisions]
    assert "2019-06-20" == dossier.work()["submission-paper"].done_on


def test_each_missing_paper_is_named_with_who_owes_it(run):
    """One reason and one work item for each paper, of the lead, on the step's due day."""
    dossier = run(Dossier(), PAPERS, due="2019-06-30")

    assert "opinion-table" in str(dossier.blockers()["paper-missing"])
    assert ("office-a", "2019-06-30") == (dossier.work()["opinion-table"].owner, dossier.work()["opinion-table"].due_on)


def test_what_is_there_already_is_not_asked_for(run, plan):
    """Papers that other steps brought about count as they are; with all there nothing is to be done."""
    plan.add_revision("submission-paper", 1)
    plan.add_revision("opinion-table", 1)

    assert run(Dossier(), PAPERS, plan=plan).complete


def test_a_paper_of_another_step_is_counted_without_files(run, plan):
    """`file` without attachments takes the revision that came from elsewhere, and makes none."""
    dossier = run(Dossier(), {"papers": ["submission-paper"]}, plan=plan)
    plan.add_revision("submission-paper", 1)

    assert () == dossier.act("file", "2019-06-20", paper="submission-paper").revisions
    assert dossier.complete


def test_a_paper_can_be_handed_in_again(run):
    """A complete dossier takes a newer revision and stays complete; the first day stays the day it was done."""
    dossier = run(Dossier(), {"papers": ["submission-paper"]}, [filed("submission-paper")])
    dossier.act("file", "2019-07-01", paper="submission-paper", based_on="1.1", context={"attachments": ["new.docx"]})

    assert dossier.complete
    assert ["1.1", "1.2"] == [revision.name for revision in dossier.plan.revisions]
    assert "2019-06-20" == dossier.work()["submission-paper"].done_on


@pytest.mark.parametrize(("paper", "code"), [("decision", "not-of-the-dossier"), ("opinion-table", "nothing-attached")])
def test_what_cannot_be_filed_is_refused(run, paper, code):
    """A paper of another dossier, and nothing at all."""
    with pytest.raises(Refused) as refused:
        run(Dossier(), PAPERS).act("file", "2019-06-20", paper=paper)

    assert code == refused.value.code


@pytest.mark.parametrize("options", [{}, {"papers": []}, {"papers": ["a", "a"]}, {**PAPERS, "colour": "red"}])
def test_wrong_options_are_refused(options):
    """At least one paper, each once; nothing else is known."""
    with pytest.raises(ValidationError):
        Dossier.Options(**options)
