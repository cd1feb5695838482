"""`uses: consultation`: opinions on articles, second letters, late ones, answers, and what is not taken in."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from trinh_plugins.consultation import Consultation
from workflow import Refused

ASKED = ("so-tai-chinh", "so-noi-vu", "ubnd-yen-the")
LETTER = {"unit": "so-tai-chinh", "letter": "512/STC", "letter_date": "2019-05-08"}


@pytest.fixture
def round_(run, plan):
    """Three units asked about revision 2.1 on Thursday 2 May 2019; due on Friday the 31st."""
    plan.add_revision("decision", 2)
    return run(Consultation(), {"invite": list(ASKED), "document": "decision"}, plan=plan, due="2019-05-31")


def refusal(round_, name, on, **parameters):
    """Return the refusal that the act must meet, which changes nothing."""
    before = round_.view
    with pytest.raises(Refused) as refused:
        round_.act(name, on, **parameters)
    assert round_.view == before
    return refused.value


def test_a_letter_has_an_opinion_on_each_article(round_):
    """Each has its number; the unit counts once, and agrees unless it says no to one of them."""
    round_.act("respond", "2019-05-10", **LETTER, position="agree-with-comments", article="Điều 4", text="Ghi rõ")
    round_.act("respond", "2019-05-11", **LETTER, position="agree-with-comments", article="Điều 6", text="Sửa")
    assert [(o.id, o.article, o.on) for o in round_.state.opinions] == [
        (1, "Điều 4", "2019-05-10"),
        (2, "Điều 6", "2019-05-10"),
    ]
    assert (round_.state.counts().answered, round_.state.counts().agreed) == (1, 1)
    round_.act("respond", "2019-05-11", **LETTER, position="disagree", article="Điều 7", text="Bỏ")
    assert round_.state.counts().agreed == 0


def test_an_opinion_on_an_article_comes_once(round_):
    """The refusal says what can be done."""
    round_.act("respond", "2019-05-10", **LETTER, position="comments", article="Điều 4", text="Ghi rõ")
    refused = refusal(round_, "respond", "2019-05-11", **LETTER, position="comments", article="Điều 4", text="Lại")
    assert refused.code == "already-answered"
    assert "supersede" in str(refused.reasons[0])


def test_the_rest_of_the_last_letter_comes_in_after_the_closing(round_):
    """Its first opinion closed the round; the others belong to the same letter and count with it."""
    for unit in ASKED[1:]:
        round_.act("respond", "2019-05-09", unit=unit, position="agree")
    round_.act("respond", "2019-05-10", **LETTER, position="agree-with-comments", article="Điều 4", text="Ghi rõ")
    assert round_.phase == "closed"
    round_.act("respond", "2019-05-10", **LETTER, position="disagree", article="Điều 7", text="Bỏ")
    counts = round_.state.counts()
    assert (counts.answered, counts.agreed, counts.after_close) == (3, 2, 0)


def test_a_second_letter_counts_by_an_explicit_act_only(round_):
    """It takes the place of the first, which stays, and whose opinions nobody needs to answer any longer."""
    round_.act("respond", "2019-05-10", **LETTER, position="disagree", article="Điều 4", text="Bỏ")
    round_.act("respond", "2019-05-10", **LETTER, position="disagree", article="Điều 6", text="Bỏ")
    second = {"unit": "so-tai-chinh", "letter": "600/STC", "letter_date": "2019-05-18"}
    assert refusal(round_, "respond", "2019-05-20", **second, position="agree").code == "already-answered"
    round_.act("supersede", "2019-05-20", **second, position="agree")
    assert [(o.letter, o.superseded_by) for o in round_.state.opinions] == [
        ("512/STC", 3),
        ("512/STC", 3),
        ("600/STC", None),
    ]
    assert round_.state.unanswered == ()
    assert (round_.state.counts().agreed, round_.state.counts().answered) == (1, 1)
    assert refusal(round_, "answer", "2019-05-21", opinion=1, verdict="accepted").code == "superseded"


def test_one_opinion_of_a_letter_can_be_superseded(round_):
    """The others stand."""
    round_.act("respond", "2019-05-10", **LETTER, position="disagree", article="Điều 4", text="Bỏ")
    round_.act("respond", "2019-05-10", **LETTER, position="comments", article="Điều 6", text="Sửa")
    round_.act("supersede", "2019-05-20", unit="so-tai-chinh", position="agree", article="Điều 4", opinion=1)
    assert [opinion.id for opinion in round_.state.standing("so-tai-chinh")] == [2, 3]
    assert round_.state.counts().agreed == 1


def test_there_must_be_something_to_supersede(round_):
    """A silent unit has not, nor has an opinion of another unit's number."""
    assert refusal(round_, "supersede", "2019-05-20", unit="so-noi-vu", position="agree").code == "nothing-to-supersede"
    round_.act("respond", "2019-05-10", **LETTER, position="agree")
    refused = refusal(round_, "supersede", "2019-05-20", unit="so-noi-vu", position="agree", opinion=1)
    assert refused.code == "nothing-to-supersede"


def test_a_second_letter_after_the_closing_leaves_the_counts_alone(round_):
    """The round was closed on what the unit said then; the new opinion is answered like every other."""
    round_.act("respond", "2019-05-10", **LETTER, position="agree")
    round_.act("close", "2019-06-01")
    counts = round_.state.counts()
    round_.act("synthesise", "2019-06-02")
    round_.act("supersede", "2019-06-05", unit="so-tai-chinh", position="disagree", text="Xem lại Điều 4")
    assert round_.state.counts() == counts.model_copy(update={"after_close": 1})
    assert round_.phase == "closed"


def test_an_opinion_is_tied_to_a_revision_that_the_unit_got(round_):
    """One about another revision is refused with those that it got."""
    refused = refusal(round_, "respond", "2019-05-10", **LETTER, position="agree", about="9.9")
    assert refused.code == "not-sent-revision"
    assert "2.1" in str(refused.reasons[0])
    round_.act("respond", "2019-05-10", **LETTER, position="agree", about="2.1")
    assert round_.state.opinions[0].about == "2.1"


def test_all_that_is_wrong_with_a_letter_is_said_at_once(round_):
    """A unit not invited and a date in the future."""
    refused = refusal(round_, "respond", "2019-05-10", unit="so-y-te", position="agree", letter_date="2019-05-11")
    assert {reason.code for reason in refused.reasons} == {"not-invited", "letter-in-future"}


# answers


def test_partly_needs_both_what_is_taken_in_and_the_reason_for_the_rest(round_):
    """Each missing text is named; explained needs its reason, blanks are none."""
    round_.act("respond", "2019-05-10", **LETTER, position="comments", text="Sửa")
    codes = [reason.code for reason in refusal(round_, "answer", "2019-05-11", opinion=1, verdict="partly").reasons]
    assert codes == ["taken-in-missing", "reason-missing"]
    for given_ in ({"taken_in": "Khoản 1"}, {"reason": "Luật"}, {"taken_in": " ", "reason": "Luật"}):
        assert len(refusal(round_, "answer", "2019-05-11", opinion=1, verdict="partly", **given_).reasons) == 1
    assert refusal(round_, "answer", "2019-05-11", opinion=1, verdict="explained", reason=" ").code == "reason-missing"
    round_.act("answer", "2019-05-11", opinion=1, verdict="partly", taken_in="Khoản 1", reason="Luật định")
    assert (round_.state.opinions[0].verdict, round_.state.opinions[0].answered_on) == ("partly", "2019-05-11")


def test_an_answer_says_which_of_several_opinions_it_is_for(round_):
    """The unit alone will do where it gave only one, or only one is left."""
    round_.act("respond", "2019-05-10", **LETTER, position="comments", article="Điều 4", text="Ghi rõ")
    round_.act("respond", "2019-05-10", **LETTER, position="comments", article="Điều 6", text="Sửa")
    refused = refusal(round_, "answer", "2019-05-11", unit="so-tai-chinh", verdict="accepted")
    assert "1, 2" in str(refused.reasons[0])
    round_.act("answer", "2019-05-11", opinion=2, verdict="accepted")
    round_.act("answer", "2019-05-11", unit="so-tai-chinh", verdict="accepted")
    assert round_.state.unanswered == ()


@pytest.mark.parametrize("which", [{"opinion": 7}, {"unit": "so-noi-vu"}, {"opinion": 1, "unit": "so-noi-vu"}, {}])
def test_an_answer_to_no_opinion_is_refused(round_, which):
    """A number that was not given, a silent unit, a number of another unit, nothing at all."""
    round_.act("respond", "2019-05-10", **LETTER, position="comments", text="Sửa")
    assert refusal(round_, "answer", "2019-05-11", **which, verdict="accepted").code == "no-opinion"


# texts


@pytest.mark.parametrize("text", ["{{ x }}", "<w:p>", "=1+1", "{unit}", "dòng 1\ndòng 2\tcột", "x" * 100_000])
def test_texts_that_look_like_code_are_kept_as_they_are(round_, text):
    """They are texts, in the opinion and in its answer."""
    act = round_.act("respond", "2019-05-10", **LETTER, position="comments", text=text)
    assert act.data["text"] == text
    act = round_.act("answer", "2019-05-10", opinion=1, verdict="explained", reason=text)
    assert act.data["reason"] == text


def test_control_characters_are_refused_by_name(round_):
    """No paper can hold them; a number or an article is one line. The refusal names the parameter."""
    refused = refusal(
        round_,
        "respond",
        "2019-05-10",
        unit="so-tai-chinh",
        position="comments",
        text="a\x1b[31m",
        article="Điều\n4",
        letter="5\t12",
    )
    assert [(reason.code, reason.phrase.params["name"]) for reason in refused.reasons] == [
        ("control-character", "text"),
        ("control-character", "article"),
        ("control-character", "letter"),
    ]


@pytest.mark.parametrize(("name", "size"), [("article", 201), ("letter", 101), ("about", 21)])
def test_what_stands_in_a_table_has_a_limit(name, size):
    """A text belongs into `text`."""
    parameters = Consultation.actions()["respond"].parameters
    with pytest.raises(ValidationError, match=f"at most {size - 1} characters"):
        parameters(unit="so-y-te", position="agree", **{name: "x" * size})


ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["respond", "respond", "supersede", "answer", "replace", "close", "synthesise", "tick", "remind"]
        ),
        st.sampled_from([*ASKED, "xa"]),
        st.sampled_from(["agree", "agree-with-comments", "disagree", "comments", "abstain"]),
        st.sampled_from([None, "Điều 1"]),
    ),
    max_size=25,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # `run` keeps nothing between examples
@given(acts=ACTS, close=st.sampled_from(["all-answered-or-deadline", "all-answered", "deadline", "manual"]))
def test_no_sequence_ends_with_an_unanswered_opinion(run, not_possible, acts, close):
    """Whatever happens in whatever order: answered means that all are, and the counts are those of the letters."""
    options = {"invite": list(ASKED), "mandatory": ["so-noi-vu"], "close": close}
    round_ = run(Consultation(), options, due="2019-05-08")
    said: dict[str, dict[str | None, str]] = {}
    late: set[str] = set()
    for number, (name, unit, position, article) in enumerate(acts):
        day, was_open = f"2019-05-{3 + number:02}", round_.phase == "open"
        context = {"units": ["so-tai-chinh", "so-noi-vu", "xa"]}
        letter = {"unit": unit, "position": position, "article": article}
        given_ = {
            "respond": letter,
            "supersede": letter,
            "answer": {"unit": unit, "verdict": "accepted"},
            "replace": {"unit": unit, "successor": "xa"},
            "close": {"reason": "Cần gấp"} if position == "agree" else {},
        }.get(name, {})
        try:
            if name == "tick":
                round_.tick(day, context=context)
            else:
                round_.act(name, day, **given_, context=context)
        except (Refused, not_possible):
            continue
        assert not (round_.complete and any(opinion.wants_answer for opinion in round_.state.opinions))
        if was_open and name in ("respond", "supersede"):
            said[unit] = {**(said.get(unit, {}) if name == "respond" else {}), article: position}
            late |= {unit} if day > "2019-05-08" else set()
        counts = round_.state.counts()
        assert counts.asked == counts.answered + counts.silent
        assert (counts.answered, counts.late) == (len(said), len(late))
        assert counts.agreed == sum(
            "disagree" not in positions.values() and any(p.startswith("agree") for p in positions.values())
            for positions in said.values()
        )
        assert not was_open or counts.silent == len(round_.state.silent)
