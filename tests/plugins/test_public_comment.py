"""`uses: public-comment`: posted for a minimum of calendar days."""

from __future__ import annotations

from datetime import date

import pytest

from trinh_plugins.public_comment import PublicComment
from workflow import Refused

THIRTY = {"document": "decision", "min_days": 30, "basis": "Luật 80/2015/QH13", "where": "https://example.vn/du-thao"}


@pytest.fixture
def posted(run, plan):
    """Draft 2.1, posted on 1 May for thirty days."""
    plan.add_revision("decision", 2, ("ab" * 32,))
    return run(PublicComment(), THIRTY, [("post", "2019-05-01", {})], plan=plan, on="2019-05-01", due="2019-05-31")


def test_posted_on_the_first_of_may_thirty_days_end_on_the_31st(posted):
    """The earliest end is shown at once and counts every calendar day."""
    assert posted.state.closable_on == "2019-05-31"
    assert posted.blockers()["minimum-running"].since == date(2019, 5, 31)
    assert posted.owed() == ["close"]


def test_a_posting_is_not_closed_before_its_minimum(posted):
    """The refusal says from which day on it can be closed; on that day it can."""
    with pytest.raises(Refused) as refused:
        posted.act("close", "2019-05-30")
    assert refused.value.reasons[0].since == date(2019, 5, 31)

    posted.act("close", "2019-05-31")
    assert posted.complete


def test_the_revision_posted_is_frozen(posted):
    """A later revision does not change what the public saw."""
    posted.plan.add_revision("decision", 2, ("cd" * 32,))
    posted.act("record", "2019-05-20", sender="Công ty A", text="Đề nghị tăng mức hỗ trợ")
    assert (posted.state.number, posted.state.revision, posted.state.files) == (2, 1, ("ab" * 32,))


def test_comments_are_counted(posted):
    """The closing states how many came; their texts stay outside the state."""
    posted.act("record", "2019-05-20", sender="Công ty A", text="Đề nghị tăng mức hỗ trợ")
    posted.act("record", "2019-05-21", sender="Ông B", text="Nhất trí")
    assert posted.act("close", "2019-06-01").data["comments"] == 2


def test_nothing_is_posted_without_a_revision(run):
    """A document without a revision cannot be shown to anybody."""
    with pytest.raises(Refused) as refused:
        run(PublicComment(), THIRTY, [("post", "2019-05-01", {})])
    assert refused.value.code == "no-revision"


def test_nothing_is_posted_without_an_address(run):
    """Either the option or the act says where it stands."""
    comment = run(PublicComment(), {})
    with pytest.raises(Refused) as refused:
        comment.act("post", "2019-05-02")
    assert refused.value.code == "address-missing"
    comment.act("post", "2019-05-02", address="https://example.vn")
    comment.act("close", "2019-05-02")
    assert comment.complete


def test_the_posting_is_due_early_enough_for_its_minimum(run):
    """To be closed on the 31st after 30 days it must stand there from the 1st; never before it opened."""
    assert run(PublicComment(), THIRTY, on="2019-04-20", due="2019-05-31").work()["post"].due_on == "2019-05-01"
    assert run(PublicComment(), THIRTY, on="2019-05-06", due="2019-05-31").work()["post"].due_on == "2019-05-06"


def test_it_publishes():
    """A confidential document may not be posted, so the type says that it publishes."""
    assert PublicComment().publishes(PublicComment.Options())
