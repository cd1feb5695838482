"""`uses: consultation`: receipt, reminders, what was sent, bodies that cease to exist, meetings, decisions."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from trinh_plugins.consultation import Consultation
from workflow import Refused

THREE = {"invite": ["so-tai-chinh", "so-noi-vu", "ubnd-yen-the"], "mandatory": ["so-noi-vu"]}


@pytest.fixture
def round_(run):
    """Three units asked on Thursday 2 May 2019, one of them mandatory; due on Friday the 31st."""
    return run(Consultation(), THREE, due="2019-05-31")


def refusal(round_, name, on, **parameters):
    """Return the refusal that the act must meet, which changes nothing."""
    before = round_.view
    with pytest.raises(Refused) as refused:
        round_.act(name, on, **parameters)
    assert round_.view == before
    return refused.value


# the day for an answer


def test_the_term_counts_from_the_day_of_receipt(run):
    """Seven working days from Monday 6 May end on the 15th; who did not say keeps the 13th."""
    round_ = run(Consultation(), {**THREE, "answer_days": 7})
    round_.act("received", "2019-05-06", units=["so-tai-chinh"])
    work = round_.work()
    assert [work[unit].due_on for unit in THREE["invite"]] == ["2019-05-15", "2019-05-13", "2019-05-13"]
    assert round_.state.asked_unit("so-tai-chinh").received == "2019-05-06"


def test_a_receipt_recorded_later_judges_the_letter_anew(run):
    """What seemed late on the 14th was in time, since the papers came on the 6th; the counts say so."""
    round_ = run(Consultation(), {**THREE, "answer_days": 7})
    round_.act("respond", "2019-05-14", unit="so-tai-chinh", position="agree")
    assert round_.state.counts().late == 1
    round_.act("received", "2019-05-06", units=["so-tai-chinh"])
    assert round_.state.counts().late == 0


def test_a_date_can_stand_in_place_of_days(run):
    """`answer_by` goes before the step's due day; both kinds of term together are a mistake."""
    assert run(Consultation(), {**THREE, "answer_by": "2019-05-20"}, due="2019-05-31").state.deadline == "2019-05-20"
    with pytest.raises(ValidationError, match="not both"):
        Consultation.Options(**THREE, answer_by="2019-05-20", answer_days=7)


def test_the_receipt_of_a_unit_that_was_not_asked_is_refused(round_):
    """It has no term."""
    assert refusal(round_, "received", "2019-05-06", units=["so-y-te"]).code == "not-invited"


def test_a_unit_may_say_itself_when_it_received(round_):
    """For itself alone."""
    step_type, parameters = round_.step_type, Consultation.actions()["received"].parameters
    assert step_type.performers(round_.view, "received", parameters(units=["so-noi-vu"])) == ("so-noi-vu",)
    assert step_type.performers(round_.view, "received", parameters(units=THREE["invite"])) == ()


# reminders


def test_reminders_are_recorded_with_their_day(round_):
    """Who is named, or every silent unit; the reason why the round is open says when."""
    round_.act("respond", "2019-05-06", unit="so-tai-chinh", position="agree")
    round_.act("remind", "2019-05-20", text="Đề nghị gửi ý kiến trước ngày 31/5")
    round_.act("remind", "2019-05-28", units=["so-noi-vu"])
    assert [asked.reminded for asked in round_.state.asked] == [
        (),
        ("2019-05-20", "2019-05-28"),
        ("2019-05-20",),
    ]
    said = [str(reason) for reason in round_.step_type.blockers(round_.view)]
    assert "reminded on 2019-05-20, 2019-05-28" in said[0]


def test_whoever_answered_is_not_reminded(round_):
    """Nor a unit that was not asked, nor anybody once all have answered."""
    round_.act("respond", "2019-05-06", unit="so-tai-chinh", position="agree")
    refused = refusal(round_, "remind", "2019-05-20", units=["so-tai-chinh", "so-y-te"])
    assert {reason.code for reason in refused.reasons} == {"not-silent", "not-invited"}


# what they are asked about


def test_the_newest_revision_is_sent_as_the_round_opens(run, plan):
    """Exactly that goes to exactly those; a later one goes only by an act, and then both can be spoken of."""
    plan.add_revision("decision", 1)
    plan.add_revision("decision", 1)
    round_ = run(Consultation(), {**THREE, "document": "decision"}, plan=plan)
    assert [(sending.name, sending.to) for sending in plan.sendings] == [("1.2", tuple(THREE["invite"][:3]))]
    assert refusal(round_, "send", "2019-05-03").code == "sent-already"

    plan.add_revision("decision", 1)
    assert round_.state.sent_to("so-noi-vu") == ("1.2",)
    round_.act("send", "2019-05-06", units=["so-noi-vu"])
    assert round_.state.sent_to("so-noi-vu") == ("1.2", "1.3")
    round_.act("respond", "2019-05-07", unit="so-noi-vu", position="agree", about="1.2")
    assert refusal(round_, "respond", "2019-05-07", unit="so-tai-chinh", position="agree", about="1.3").code == (
        "not-sent-revision"
    )


def test_without_a_revision_there_is_nothing_to_speak_of(run, plan):
    """The round says that nothing was sent, and takes no opinion until it was."""
    round_ = run(Consultation(), {**THREE, "document": "decision"}, plan=plan)
    assert "not-sent" in round_.blockers()
    assert refusal(round_, "respond", "2019-05-07", unit="so-noi-vu", position="agree").code == "not-sent"
    plan.add_revision("decision", 1)
    round_.act("send", "2019-05-08")
    round_.act("respond", "2019-05-09", unit="so-noi-vu", position="agree")
    assert round_.state.standing("so-noi-vu")[0].about == "1.1"


def test_a_round_about_no_document_has_nothing_to_send(round_):
    """The refusal says so."""
    assert refusal(round_, "send", "2019-05-03").code == "no-document"


# bodies that cease to exist


@pytest.fixture
def gone(round_):
    """The district is abolished during the round."""
    round_.tick("2019-05-10", context={"units": ["so-tai-chinh", "so-noi-vu"]})
    return round_


def test_a_body_that_ceases_to_exist_is_flagged(gone):
    """It owes nothing any longer; the lead owes its replacement, and the round says why it is open."""
    assert gone.state.asked_unit("ubnd-yen-the").ceased == "2019-05-10"
    assert gone.owed() == ["so-tai-chinh", "so-noi-vu", "replace/ubnd-yen-the", "synthesis"]
    assert "ubnd-yen-the" in str(gone.blockers()["unit-ceased"])


def test_it_is_flagged_once_and_no_more_when_it_exists_again(gone):
    """A register that was wrong is corrected, and the flag goes."""
    assert gone.tick("2019-05-11", context={"units": ["so-tai-chinh", "so-noi-vu"]}) is None
    gone.tick("2019-05-12")
    assert "unit-ceased" not in gone.blockers()


def test_it_is_replaced_by_an_act(gone):
    """The successor is asked with its term; the old one is no longer awaited and may not answer."""
    gone.act("replace", "2019-05-11", unit="ubnd-yen-the", successor="ubnd-xa-yen-the")
    assert gone.owed() == ["so-tai-chinh", "so-noi-vu", "ubnd-xa-yen-the", "synthesis"]
    assert gone.work()["ubnd-xa-yen-the"].due_on == "2019-05-31"
    assert (gone.state.counts().asked, gone.state.counts().silent) == (3, 3)
    refused = refusal(gone, "respond", "2019-05-12", unit="ubnd-yen-the", position="agree")
    assert (refused.code, refused.reasons[0].who) == ("replaced", ("ubnd-xa-yen-the",))
    assert refusal(gone, "replace", "2019-05-12", unit="ubnd-yen-the", successor="so-y-te").code == "replaced"


def test_the_successor_of_a_mandatory_unit_is_mandatory(round_):
    """Its silence keeps the round open too."""
    context = {"units": ["so-tai-chinh", "ubnd-yen-the", "so-noi-vu-moi"]}
    round_.act("replace", "2019-05-11", unit="so-noi-vu", successor="so-noi-vu-moi", context=context)
    assert refusal(round_, "close", "2019-06-03").reasons[0].who == ("so-noi-vu-moi",)


def test_answers_already_given_stay(round_):
    """The abolished district's letter counts beside that of its successor."""
    round_.act("respond", "2019-05-06", unit="ubnd-yen-the", position="disagree", text="Bỏ Điều 2")
    context = {"units": ["so-tai-chinh", "so-noi-vu", "xa"]}
    assert round_.tick("2019-05-10", context=context) is None
    round_.act("replace", "2019-05-11", unit="ubnd-yen-the", successor="xa", context=context)
    counts = round_.state.counts()
    assert (counts.asked, counts.answered, counts.silent) == (4, 1, 3)
    round_.act("answer", "2019-05-12", unit="ubnd-yen-the", verdict="accepted")
    assert round_.state.unanswered == ()


def test_two_bodies_merged_into_one_that_was_asked(gone):
    """The successor is awaited once."""
    gone.act("replace", "2019-05-11", unit="ubnd-yen-the", successor="so-noi-vu")
    assert gone.state.counts().asked == 2


def test_a_unit_that_exists_is_not_replaced(round_):
    """Nor is one replaced by a unit that does not exist."""
    assert refusal(round_, "replace", "2019-05-11", unit="so-noi-vu", successor="so-y-te").code == "unit-exists"
    refused = refusal(
        round_,
        "replace",
        "2019-05-11",
        unit="ubnd-yen-the",
        successor="xa",
        context={"units": ["so-tai-chinh", "so-noi-vu"]},
    )
    assert refused.code == "no-unit"


# a meeting


@pytest.fixture
def meeting(run):
    """A meeting of the three."""
    return run(Consultation(), {**THREE, "form": "meeting"}, due="2019-05-31")


def test_a_meeting_is_not_done_without_its_minutes(meeting):
    """Opinions alone do not end it; the minutes are attached and say who was there."""
    for unit in THREE["invite"]:
        meeting.act("respond", "2019-05-10", unit=unit, position="agree")
    assert list(meeting.blockers()) == ["minutes-missing"]
    assert refusal(meeting, "synthesise", "2019-05-11").code == "minutes-missing"
    assert refusal(meeting, "minutes", "2019-05-11", attended=["so-noi-vu"]).code == "minutes-not-attached"
    meeting.act(
        "minutes",
        "2019-05-11",
        held_on="2019-05-10",
        attended=["so-noi-vu", "so-tai-chinh"],
        text="Thống nhất cao",
        context={"attachments": ["bien-ban.docx"]},
    )
    (held,) = meeting.state.meetings
    assert (held.held_on, held.attended, len(held.files)) == ("2019-05-10", ("so-noi-vu", "so-tai-chinh"), 1)
    meeting.act("synthesise", "2019-05-11")
    assert meeting.complete


def test_minutes_name_days_and_units_of_the_round(meeting):
    """A day before the round or after the act, and a unit that was not asked, are refused together."""
    for day in ("2019-05-01", "2019-05-12"):
        refused = refusal(
            meeting,
            "minutes",
            "2019-05-11",
            held_on=day,
            attended=["so-y-te"],
            context={"attachments": ["bien-ban.docx"]},
        )
        assert [reason.code for reason in refused.reasons] == ["not-invited", "not-that-day"]


def test_a_round_by_letter_has_no_minutes(round_):
    """They belong to a meeting."""
    context = {"attachments": ["bien-ban.docx"]}
    assert refusal(round_, "minutes", "2019-05-11", attended=["so-noi-vu"], context=context).code == "no-meeting"


# how it ends


def test_a_deadline_closes_on_its_day_and_not_before(run):
    """Under `deadline` the round runs to its day although all have answered, and needs one."""
    round_ = run(Consultation(), {"invite": ["so-tai-chinh"], "close": "deadline"}, due="2019-05-31")
    round_.act("respond", "2019-05-06", unit="so-tai-chinh", position="agree")
    assert (round_.phase, refusal(round_, "close", "2019-05-31").code) == ("open", "deadline-running")
    round_.act("close", "2019-06-01")
    with pytest.raises(Refused) as refused:
        run(Consultation(), {"invite": ["so-tai-chinh"], "close": "deadline"})
    assert refused.value.code == "no-deadline"


def test_an_office_may_end_a_round_over_silence_with_a_reason(run):
    """Where `close_by` names it nobody else can; the reason, the rule and the silent are kept."""
    round_ = run(Consultation(), {**THREE, "close_by": "director"}, due="2019-05-31")
    refused = refusal(round_, "close", "2019-06-03", reason="Đã đôn đốc")
    assert [(reason.code, reason.who) for reason in refused.reasons] == [
        ("silent", ("so-noi-vu",)),
        ("decision-needed", ("director",)),
    ]
    assert refusal(round_, "close-by-decision", "2019-05-20", reason=" ").code == "reason-missing"
    round_.act("close-by-decision", "2019-05-20", reason="Cần trình gấp")
    assert (round_.phase, round_.state.closed_by) == ("closed", "decision")
    assert round_.state.close_reason is not None
    assert round_.state.counts().silent == 3


def test_only_the_office_named_may_end_it(run, round_):
    """The act is reserved to it; without `close_by` nobody can."""
    named = run(Consultation(), {**THREE, "close_by": "director"})
    assert named.step_type.reserved(named.view, "close-by-decision") == ("director",)
    assert named.step_type.reserved(named.view, "close") == ()
    assert refusal(round_, "close-by-decision", "2019-05-20", reason="Gấp").code == "no-office"
