"""`uses: consultation`: who is asked, what comes back, when it closes, and that everything is answered."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trinh_plugins.consultation import Consultation
from workflow import Refused

GROUPS = {"@districts": ("huyen-yen-the", "huyen-luc-nam")}
ASKED = ("so-tai-chinh", "huyen-yen-the", "huyen-luc-nam")


@pytest.fixture
def round_(run):
    """Three units asked on Thursday 2 May 2019; their last day is Friday the 31st."""
    return run(Consultation(), {"invite": ["so-tai-chinh", "@districts"]}, groups=GROUPS, due="2019-05-31")


def refusal(round_, name, on, **parameters):
    """Return the refusal that the act must meet."""
    before = round_.view
    with pytest.raises(Refused) as refused:
        round_.act(name, on, **parameters)
    assert round_.view == before
    return refused.value


def test_groups_are_resolved_on_the_day_it_opens(round_):
    """Each unit is asked once and owes its own opinion; the lead owes the synthesis."""
    assert round_.owed() == [*ASKED, "synthesis"]
    assert {round_.work()[unit].due_on for unit in ASKED} == {"2019-05-31"}
    assert round_.work()["synthesis"].owner == "office-a"


def test_units_not_valid_on_the_day_are_not_asked(run):
    """Only valid units are asked; a round that would ask nobody is refused."""
    asked = run(Consultation(), {"invite": ["@districts"]}, groups=GROUPS, units=["huyen-luc-nam"])
    assert asked.owed() == ["huyen-luc-nam", "synthesis"]
    with pytest.raises(Refused) as refused:
        run(Consultation(), {"invite": ["@districts"]}, groups=GROUPS, units=[])
    assert refused.value.code == "nobody"


def test_the_term_counts_working_days(run):
    """Seven working days from Thursday 2 May end on Monday 13 May; a day off moves it on."""
    options = {"invite": ["so-tai-chinh"], "answer_days": 7}
    assert run(Consultation(), options, due="2019-05-31").state.deadline == "2019-05-13"
    assert run(Consultation(), options, days_off=["2019-05-06"]).state.deadline == "2019-05-14"


def test_the_last_opinion_closes_the_round(round_):
    """With everybody's answer in, the round is closed by itself."""
    for unit in ASKED[:2]:
        round_.act("respond", "2019-05-10", unit=unit, position="agree")
        assert round_.phase == "open"
    round_.act("respond", "2019-05-12", unit=ASKED[2], position="agree")
    assert round_.phase == "closed"
    assert round_.state.closed_on == "2019-05-12"
    assert list(round_.blockers()) == ["not-synthesised"]


def test_an_opinion_is_recorded_for_its_unit(run, plan):
    """It carries the letter, the revision it speaks of and the body on whose behalf it is entered."""
    plan.add_revision("decision", 1)
    options = {"invite": ["so-tai-chinh", "so-noi-vu"], "document": "decision"}
    round_ = run(Consultation(), options, plan=plan)
    plan.add_revision("decision", 1)
    act = round_.act(
        "respond",
        "2019-05-10",
        unit="so-tai-chinh",
        position="agree-with-comments",
        text="Điều 4: ghi rõ nguồn kinh phí",
        letter="512/STC-HCSN",
        letter_date="2019-05-08",
    )
    (opinion,) = round_.state.standing("so-tai-chinh")
    assert act.on_behalf == "so-tai-chinh"
    assert (opinion.letter, opinion.letter_date) == ("512/STC-HCSN", "2019-05-08")
    assert opinion.about == "1.1"


def test_a_unit_that_was_not_asked_is_refused(round_):
    """Its letter is not an opinion of this round."""
    assert refusal(round_, "respond", "2019-05-10", unit="so-y-te", position="agree").code == "not-invited"


def test_a_second_opinion_of_a_unit_is_refused(round_):
    """The refusal says when the first came."""
    round_.act("respond", "2019-05-10", unit="so-tai-chinh", position="agree")
    refused = refusal(round_, "respond", "2019-05-11", unit="so-tai-chinh", position="disagree")
    assert "2019-05-10" in str(refused.reasons[0])


def test_a_round_is_not_closed_before_its_deadline(round_):
    """The refusal names every silent unit and the first day on which it could be closed without it."""
    round_.act("respond", "2019-05-10", unit="so-tai-chinh", position="agree")
    refused = refusal(round_, "close", "2019-05-31")
    assert [reason.who for reason in refused.reasons] == [("huyen-yen-the",), ("huyen-luc-nam",)]
    assert all("from 2019-06-01 on" in str(reason) and reason.since is None for reason in refused.reasons)

    assert refusal(round_, "close", "2019-05-31", reason="Cần gấp").code == "silent"
    counts = {"asked": 3, "answered": 1, "agreed": 1, "silent": 2, "late": 0, "after_close": 0}
    assert round_.act("close", "2019-06-01").data["counts"] == counts


def test_how_the_round_stands_is_said_with_what_is_owed(round_):
    """The lead sees the counts beside the synthesis, at every moment."""
    round_.act("respond", "2019-05-10", unit="so-tai-chinh", position="agree")
    round_.act("respond", "2019-06-03", unit="huyen-yen-the", position="disagree")
    title = round_.work()["synthesis"].title
    assert "hỏi 3, trả lời 2, nhất trí 1, chưa 1, muộn 1" in title.vi
    assert "asked 3, answered 2, agreed 1, silent 1, late 1" in title.in_language("en")


def test_silence_is_not_agreement(round_):
    """A silent unit is neither agreeing nor owing once the round is closed."""
    round_.act("close", "2019-06-01")
    assert round_.state.counts().agreed == 0
    assert [asked.unit for asked in round_.state.silent] == list(ASKED)
    assert round_.owed() == ["synthesis"]
    assert all(round_.work()[unit].done_on is None for unit in ASKED)


def test_a_deadline_does_not_close_over_a_mandatory_unit(run):
    """After the deadline the silent mandatory unit alone is named; a reason overrides it."""
    options = {"invite": ["so-tai-chinh", "so-noi-vu"], "mandatory": ["so-tu-phap"]}
    round_ = run(Consultation(), options, due="2019-05-31")
    refused = refusal(round_, "close", "2019-06-03")
    assert [reason.code for reason in refused.reasons] == ["silent", "reason-missing"]
    assert refused.reasons[0].who == ("so-tu-phap",)

    round_.act("close", "2019-06-03", reason="Đã đôn đốc hai lần")
    assert round_.phase == "closed"


def test_all_answered_waits_past_the_deadline(run):
    """Without a reason the deadline alone closes nothing under `all-answered`."""
    round_ = run(Consultation(), {"invite": ["so-tai-chinh"], "close": "all-answered"}, due="2019-05-31")
    assert refusal(round_, "close", "2019-06-03").reasons[-1].code == "reason-missing"
    round_.act("respond", "2019-06-04", unit="so-tai-chinh", position="agree")
    assert round_.phase == "closed"


def test_a_manual_round_is_closed_by_a_person(run):
    """It stays open when all have answered, and closes over silence only with a reason."""
    round_ = run(Consultation(), {"invite": ["so-tai-chinh", "so-noi-vu"], "close": "manual", "form": "meeting"})
    assert refusal(round_, "close", "2019-05-03").reasons[-1].code == "reason-missing"
    round_.act("respond", "2019-05-03", unit="so-tai-chinh", position="agree")
    round_.act("respond", "2019-05-03", unit="so-noi-vu", position="agree")
    assert round_.phase == "open"
    assert list(round_.blockers()) == ["not-closed"]
    round_.act("close", "2019-05-03")
    assert round_.phase == "closed"


def test_a_late_opinion_in_an_open_round_counts_as_late(round_):
    """Its true day is kept."""
    round_.act("respond", "2019-06-03", unit="so-tai-chinh", position="agree")
    assert round_.state.counts().late == 1
    assert round_.work()["so-tai-chinh"].done_on == "2019-06-03"


def test_an_opinion_after_the_closing_leaves_the_counts_alone(round_):
    """It is recorded, marked late, and the round stays closed, or answered, with its counts."""
    round_.act("close", "2019-06-01")
    counts = round_.state.counts()
    round_.act("respond", "2019-06-05", unit="huyen-yen-the", position="agree")
    assert (round_.phase, round_.state.counts()) == ("closed", counts.model_copy(update={"after_close": 1}))
    assert round_.state.standing("huyen-yen-the")[0].late


def test_an_opinion_after_the_synthesis_wants_its_answer_too(round_):
    """It takes the step back to `closed` and is named; its answer ends the step again, as does nothing else."""
    round_.act("close", "2019-06-01")
    round_.act("synthesise", "2019-06-06")
    round_.act("respond", "2019-06-19", unit="huyen-yen-the", position="agree")
    assert round_.complete
    round_.act("respond", "2019-06-20", unit="so-tai-chinh", position="disagree", text="Không nhất trí Điều 5")
    assert round_.phase == "closed"
    assert "so-tai-chinh" in str(round_.blockers()["opinion-unanswered"])
    assert refusal(round_, "synthesise", "2019-06-20").code == "opinion-unanswered"
    round_.act("answer", "2019-06-21", unit="so-tai-chinh", verdict="explained", reason="Đã trình")
    assert round_.complete


def test_letters_can_be_recorded_after_the_stage_was_left():
    """Letters and answers are possible late, nothing else."""
    late = {name for name, act in Consultation.actions().items() if act.late}
    assert late == {"respond", "supersede", "answer"}


def test_every_opinion_is_answered_before_the_synthesis(round_):
    """The refusal names each opinion without an answer; an opinion that only agrees needs none."""
    round_.act("respond", "2019-05-10", unit="so-tai-chinh", position="agree")
    round_.act("respond", "2019-05-10", unit="huyen-yen-the", position="comments", text="Sửa Điều 2")
    round_.act("respond", "2019-05-11", unit="huyen-luc-nam", position="disagree", text="Bỏ Điều 6")
    refused = refusal(round_, "synthesise", "2019-06-01")
    assert ["huyen-yen-the" in str(refused.reasons[0]), "huyen-luc-nam" in str(refused.reasons[1])] == [True, True]

    round_.act("answer", "2019-06-01", unit="huyen-yen-the", verdict="accepted")
    assert len(refusal(round_, "synthesise", "2019-06-02").reasons) == 1
    round_.act("answer", "2019-06-02", unit="huyen-luc-nam", verdict="partly", taken_in="Khoản 1", reason="Luật")
    round_.act("synthesise", "2019-06-02", summary="Đã tiếp thu, giải trình")
    assert round_.complete
    assert round_.work()["synthesis"].done_on == "2019-06-02"


def test_an_answer_to_no_opinion_is_refused(round_):
    """A silent unit has nothing to answer, and all that is wrong is said at once."""
    refused = refusal(round_, "answer", "2019-05-10", unit="so-tai-chinh", verdict="explained")
    assert [reason.code for reason in refused.reasons] == ["no-opinion", "reason-missing"]


def test_an_opinion_is_answered_once(round_):
    """A second answer is refused."""
    round_.act("respond", "2019-05-10", unit="so-tai-chinh", position="comments", text="Sửa")
    round_.act("answer", "2019-05-11", unit="so-tai-chinh", verdict="accepted")
    refused = refusal(round_, "answer", "2019-05-12", unit="so-tai-chinh", verdict="accepted")
    assert refused.code == "already-answered"


def test_a_unit_may_give_only_its_own_opinion(round_):
    """Besides the definition's people, the invited unit itself may respond, no other."""
    step_type, parameters = round_.step_type, Consultation.actions()["respond"].parameters
    own = parameters(unit="so-tai-chinh", position="agree")
    foreign = parameters(unit="so-y-te", position="agree")
    assert step_type.performers(round_.view, "respond", own) == ("so-tai-chinh",)
    assert step_type.performers(round_.view, "respond", foreign) == ()
    assert step_type.performers(round_.view, "close", None) == ()


LETTERS = st.lists(
    st.tuples(
        st.sampled_from(ASKED),
        st.sampled_from(["agree", "agree-with-comments", "disagree", "comments"]),
        st.sampled_from(["answer", "close", "respond", "synthesise"]),
    ),
    max_size=15,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # `run` keeps nothing between examples
@given(letters=LETTERS)
def test_counts_equal_the_data_after_any_sequence(run, not_possible, letters):
    """Whatever happens in whatever order, the counts are those of the letters taken in before the closing."""
    round_ = run(Consultation(), {"invite": list(ASKED)}, due="2019-05-05")
    taken: dict[str, tuple[str, int]] = {}
    for day, (unit, position, name) in enumerate(letters, start=3):
        parameters = {
            "respond": {"unit": unit, "position": position},
            "answer": {"unit": unit, "verdict": "accepted"},
        }.get(name, {})
        was_open, unanswered = round_.phase == "open", round_.state.unanswered
        try:
            round_.act(name, f"2019-05-{day:02}", **parameters)
        except (Refused, not_possible):
            continue
        assert not (name == "synthesise" and unanswered)
        if name == "respond" and was_open:
            taken[unit] = (position, day)
        counts = round_.state.counts()
        assert (counts.asked, counts.answered, counts.silent) == (3, len(taken), 3 - len(taken))
        assert counts.agreed == sum(position.startswith("agree") for position, _ in taken.values())
        assert counts.late == sum(day > 5 for _, day in taken.values())
