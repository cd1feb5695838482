"""A quorum on verdicts: M of N, veto, minimum per group, abstention; early only where it is certain."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from trinh_plugins.consultation import Consultation
from trinh_plugins.consultation.quorum import Rule, certain, final
from workflow import Refused

UNITS = tuple("abcde")
VOTES = ("yes", "no", "abstain")
POSITION = {"yes": "agree", "no": "disagree", "abstain": "abstain"}
SETS = st.frozensets(st.sampled_from(UNITS))
RULES = st.builds(
    Rule,
    agree=st.integers(1, 5),
    veto=SETS,
    turnout=st.integers(0, 5),
    groups=st.lists(st.tuples(SETS, st.integers(1, 3)), max_size=2).map(tuple),
)
BALLOTS = st.dictionaries(st.sampled_from(UNITS), st.sampled_from(VOTES))


@pytest.mark.parametrize(
    ("rule", "votes", "verdict"),
    [
        (Rule(3), "yes yes yes", "passed"),
        (Rule(3), "yes yes abstain", None),
        (Rule(3), "no no no", "failed"),
        (Rule(3), "abstain abstain abstain", "failed"),
        (Rule(3, veto=frozenset("e")), "yes yes yes yes", None),
        (Rule(3, veto=frozenset("a")), "no yes yes yes", "failed"),
        (Rule(1, groups=((frozenset("de"), 1),)), "yes yes yes", None),
        (Rule(1, groups=((frozenset("ab"), 2),)), "yes no", "failed"),
        (Rule(1, turnout=4), "yes yes yes", None),
        (Rule(1, turnout=4), "yes abstain no abstain", "passed"),
    ],
)
def test_a_verdict_is_given_as_soon_as_it_is_certain(rule, votes, verdict):
    """Three of five, a veto, two groups and a turnout: each decides exactly when nobody can change it."""
    assert certain(rule, UNITS, dict(zip(UNITS, votes.split(), strict=False))) == verdict


@given(rule=RULES, votes=BALLOTS)
def test_a_certain_verdict_is_that_of_every_way_to_go_on(rule, votes):
    """It is certain exactly when each combination of what the silent may say, or not say, gives the same."""
    silent = [unit for unit in UNITS if unit not in votes]
    ways = {
        final(rule, {**votes, **{unit: vote for unit, vote in zip(silent, rest, strict=True) if vote}})
        for rest in product((*VOTES, None), repeat=len(silent))
    }
    assert certain(rule, UNITS, votes) == (ways.pop() if len(ways) == 1 else None)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # `run` keeps nothing between examples
@given(data=st.data())
def test_for_all_orders_of_votes_the_round_has_one_verdict(run, data):
    """Letter by letter in two orders, closed early or by the deadline: the same result."""
    options = {
        "invite": list(UNITS),
        "close": "quorum",
        "quorum": {
            "agree": data.draw(st.integers(1, 5)),
            "veto": data.draw(st.lists(st.sampled_from(UNITS), unique=True, max_size=2)),
            "turnout": data.draw(st.integers(0, 5)),
            "groups": data.draw(
                st.sampled_from([[], [{"group": "@two", "agree": 1}], [{"group": "@two", "agree": 2}]])
            ),
        },
    }
    votes = data.draw(BALLOTS)
    verdicts = set()
    for order in (data.draw(st.permutations(sorted(votes))), sorted(votes)):
        round_ = run(Consultation(), options, groups={"@two": ("d", "e")}, due="2019-05-31")
        for unit in order:
            round_.act("respond", "2019-05-10", unit=unit, position=POSITION[votes[unit]])
        if round_.phase == "open":
            round_.act("close", "2019-06-01")
        verdicts.add(round_.state.result)
    assert len(verdicts) == 1


@pytest.fixture
def round_(run):
    """Three of five must agree, one of them in the group of d and e; a may veto."""
    quorum = {"agree": 3, "veto": ["a"], "groups": [{"group": "@two", "agree": 1}]}
    options = {"invite": list(UNITS), "close": "quorum", "quorum": quorum}
    return run(Consultation(), options, groups={"@two": ("d", "e")}, due="2019-05-31")


def vote(round_, **votes):
    """Record a letter of each unit."""
    for unit, position in votes.items():
        round_.act("respond", "2019-05-10", unit=unit, position=position)


def test_a_quorum_closes_the_round_early(round_):
    """With a, b and d agreed nothing can change: the round closes, and the outcome is passed."""
    vote(round_, b="agree", c="agree-with-comments", d="agree")
    assert round_.phase == "open", "a may still veto"
    vote(round_, a="agree")
    assert (round_.phase, round_.state.closed_by, round_.state.result) == ("closed", "quorum", "passed")
    round_.act("answer", "2019-05-11", unit="c", verdict="accepted")
    round_.act("synthesise", "2019-05-12")
    assert round_.step_type.outcome(round_.view) == "passed"


def test_a_veto_decides_at_once(round_):
    """One no of the unit that may veto ends the round as failed."""
    vote(round_, a="disagree")
    assert (round_.phase, round_.state.result) == ("closed", "failed")


def test_after_the_deadline_the_silent_count_for_nothing(round_):
    """Two yes and three silent do not make three."""
    vote(round_, b="agree", d="agree")
    with pytest.raises(Refused):
        round_.act("close", "2019-05-31")
    assert round_.act("close", "2019-06-01").data["result"] == "failed"


def test_a_letter_after_the_closing_does_not_change_the_verdict(round_):
    """Too late for the quorum it is still kept and answered."""
    vote(round_, b="agree", d="agree")
    round_.act("close", "2019-06-01")
    round_.act("respond", "2019-06-02", unit="a", position="agree")
    assert round_.state.result == "failed"
    assert round_.state.counts().after_close == 1


def test_a_mandatory_unit_is_awaited_although_the_verdict_is_certain(run):
    """A quorum does not close over the silence of a mandatory unit."""
    options = {"invite": list("abc"), "mandatory": ["c"], "close": "quorum", "quorum": {"agree": 1}}
    round_ = run(Consultation(), options, due="2019-05-31")
    vote(round_, a="agree")
    assert round_.phase == "open"
    vote(round_, c="abstain")
    assert (round_.phase, round_.state.result) == ("closed", "passed")


def test_a_superseding_letter_changes_the_vote_while_the_round_is_open(round_):
    """What counts is what the unit says last."""
    vote(round_, b="agree", c="disagree")
    round_.act("supersede", "2019-05-11", unit="c", position="agree")
    vote(round_, d="agree", a="abstain")
    assert round_.state.result == "passed"


def test_a_quorum_that_nobody_can_reach_is_refused_at_the_opening(run):
    """Each number is compared with the units that are really asked."""
    quorum = {"agree": 4, "groups": [{"group": "@two", "agree": 3}]}
    with pytest.raises(Refused) as refused:
        run(
            Consultation(),
            {"invite": ["a", "@two"], "close": "quorum", "quorum": quorum},
            groups={"@two": ("d", "e")},
        )
    assert [reason.code for reason in refused.value.reasons] == ["quorum-impossible"] * 2


@pytest.mark.parametrize("more", [{"close": "quorum"}, {"quorum": {"agree": 1}}])
def test_the_rule_and_its_numbers_belong_together(more):
    """A quorum without numbers, or numbers that no rule uses, are a mistake."""
    with pytest.raises(ValidationError, match="belong together"):
        Consultation.Options(invite=["a"], **more)
