"""A report goes up with one exact revision and comes back with the leader's conclusion."""

from __future__ import annotations

import pytest

from trinh_plugins.report import ReportStep
from workflow import Refused

OPTIONS = {"to": "vice-chairman", "document": "decision"}


def test_the_report_refers_to_the_newest_revision_by_its_files(run, plan):
    """Sending records the number, revision and hashes of the document as it is at that moment."""
    plan.add_revision("decision", 4, files=("a" * 64,))
    plan.add_revision("decision", 4, files=("b" * 64,))

    report = run(ReportStep(), OPTIONS, [("send", "2019-08-05", {})], plan=plan)
    plan.add_revision("decision", 4, files=("c" * 64,))

    assert (report.state.revision, report.state.files) == ("4.2", ("b" * 64,))


def test_a_report_without_a_revision_is_refused(run):
    """Nothing can be reported on that was not written yet; the lead is named as who could."""
    report = run(ReportStep(), OPTIONS, lead="qlcn")

    with pytest.raises(Refused) as refused:
        report.act("send", "2019-08-05")

    assert [(reason.code, reason.who) for reason in refused.value.reasons] == [("no-revision", ("qlcn",))]
    assert report.phase == "ready"


def test_a_report_may_have_no_document(run):
    """A report for direction goes up without a document where the definition names none."""
    report = run(ReportStep(), {"to": "director"}, [("send", "2019-04-20", {})])

    assert (report.phase, report.state.revision) == ("sent", None)


@pytest.mark.parametrize("outcome", ["approved", "changes-requested"])
def test_the_conclusion_is_the_outcome(run, outcome):
    """Either conclusion completes the step and is the word that transitions compare with."""
    report = run(ReportStep(), {"to": "director"}, [("send", "2019-04-20", {})])

    act = report.act("conclude", "2019-04-25", outcome=outcome, text="Đồng ý về chủ trương.")

    assert report.complete
    assert report.step_type.outcome(report.view) == outcome
    assert act.on_behalf == "director"


def test_requested_changes_need_their_wording(run):
    """A leader who asks for changes has to say which."""
    report = run(ReportStep(), {"to": "director"}, [("send", "2019-04-20", {})])

    with pytest.raises(Refused) as refused:
        report.act("conclude", "2019-04-25", outcome="changes-requested")

    assert refused.value.reasons[0].code == "no-text"


def test_the_report_then_the_conclusion_is_owed(run):
    """First the lead owes the report, then the office its conclusion; the day of each is kept."""
    report = run(ReportStep(), {"to": "director"}, due="2019-04-30", lead="qlcn")
    assert {key: item.owner for key, item in report.work().items() if item.open} == {"send": "qlcn"}

    report.act("send", "2019-04-20")
    assert {key: item.owner for key, item in report.work().items() if item.open} == {"conclude": "director"}
    assert report.blockers()["no-conclusion"].who == ("director",)

    report.act("conclude", "2019-04-25", outcome="approved")
    assert {key: (item.due_on, item.done_on) for key, item in report.work().items()} == {
        "send": ("2019-04-30", "2019-04-20"),
        "conclude": ("2019-04-30", "2019-04-25"),
    }


def test_nothing_is_concluded_before_it_was_sent(run, not_possible):
    """The conclusion follows the report."""
    with pytest.raises(not_possible):
        run(ReportStep(), {"to": "director"}).act("conclude", "2019-04-25", outcome="approved")


def test_only_the_office_may_conclude_besides_those_the_definition_names(run):
    """The office reported to performs the conclusion, and nothing else."""
    report = run(ReportStep(), {"to": "director"})

    assert report.step_type.performers(report.view, "conclude", None) == ("director",)
    assert report.step_type.performers(report.view, "send", None) == ()


def test_the_conclusion_is_owed_within_its_working_days(run, plan):
    """From the sending, five working days; the office is late after that, not the lead."""
    plan.add_revision("decision", 4)
    report = run(ReportStep(), {**OPTIONS, "answer_days": 5}, [("send", "2019-08-05", {})], plan=plan, due="2019-08-30")

    assert (report.work()["conclude"].owner, report.work()["conclude"].due_on) == ("vice-chairman", "2019-08-12")


def test_events_of_older_versions_are_still_understood():
    """They hold the revision themselves and no single conclusions."""
    step_type = ReportStep()
    sent = {"on": "2019-08-05", "document": "decision", "revision": "4.2", "files": ["b" * 64]}
    state = step_type.evolve(step_type.evolve(None, "open", {"on": "2019-08-01"}), "send", sent)
    state = step_type.evolve(state, "conclude", {"on": "2019-08-12", "outcome": "approved", "text": None})

    assert (state.revision, state.files, state.outcome, state.conclusions) == ("4.2", ("b" * 64,), "approved", ())
