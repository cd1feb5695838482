"""What `uses: submission` keeps: the session's day and papers, the ballots, and what they decide."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from workflow import DocumentRef, Help, Options, Parameters, Phrase, Prose, Reason, State, UnitRef

OUTCOMES = ("passed", "passed-with-changes", "sent-back")
Outcome = Literal["passed", "passed-with-changes", "sent-back"]


class Majority(Options):
    """How many of all members must be in favour."""

    more_than: str | None = Field(
        default=None,
        description=Help(
            "More than this part of all members, as 1/2", vi="Quá tỷ lệ này trên tổng số thành viên, ví dụ 1/2"
        ),
    )
    at_least: str | None = Field(
        default=None,
        description=Help(
            "At least this part of all members, as 2/3", vi="Ít nhất tỷ lệ này trên tổng số thành viên, ví dụ 2/3"
        ),
    )
    basis: str | None = Field(
        default=None,
        description=Help(
            "The rule that sets it; say `unverified` where it is",
            vi="Căn cứ quy định; ghi `unverified` nếu chưa kiểm chứng",
        ),
    )

    @field_validator("more_than", "at_least")
    @classmethod
    def _is_a_part(cls, value: str | None) -> str | None:
        if value is None:
            return None
        over, slash, under = value.partition("/")
        if not (slash and over.isdecimal() and under.isdecimal() and 0 < int(over) <= int(under) < 1000):
            raise ValueError(Phrase("write a part as 1/2 or 2/3", vi="ghi tỷ lệ dưới dạng 1/2 hoặc 2/3"))
        return value

    @model_validator(mode="after")
    def _names_one(self) -> Majority:
        if (self.more_than is None) == (self.at_least is None):
            raise ValueError(
                Phrase(
                    "name one of `more_than` and `at_least`", vi="chỉ nêu một trong hai: `more_than` hoặc `at_least`"
                )
            )
        return self

    def reached(self, votes: int, members: int) -> bool:
        """True if *votes* of *members* are enough."""
        if self.more_than is not None:
            return votes > Fraction(self.more_than) * members
        return votes >= Fraction(self.at_least or "1") * members

    def __str__(self) -> str:
        return f"> {self.more_than}" if self.more_than else f">= {self.at_least}"


class SubmissionOptions(Options):
    """Whose session decides, on which documents, and by which majority."""

    body: UnitRef = Field(description=Help("Body whose session decides", vi="Cơ quan quyết định tại phiên họp"))
    documents: tuple[DocumentRef, ...] = Field(
        default=(), description=Help("Documents that go forward together", vi="Các văn bản được trình cùng nhau")
    )
    members: int | None = Field(
        default=None, ge=1, description=Help("How many members the body has", vi="Tổng số thành viên của cơ quan")
    )
    majority: Majority | None = Field(
        default=None,
        description=Help(
            "How many of all members must be in favour", vi="Tỷ lệ tán thành cần có trên tổng số thành viên"
        ),
    )
    papers_days: int | None = Field(
        default=None,
        ge=0,
        description=Help(
            "Working days before the session by which the papers are with the members",
            vi="Số ngày làm việc trước phiên họp mà tài liệu phải đến các thành viên",
        ),
    )
    papers_basis: str | None = Field(
        default=None, description=Help("The rule that sets them", vi="Căn cứ quy định số ngày")
    )
    approves: bool = Field(
        default=False,
        description=Help(
            "True: `passed` covers exactly the revisions submitted",
            vi="Đúng: việc thông qua chỉ có giá trị với các bản đã trình",
        ),
    )


class Frozen(State):
    """The revision of a document that was submitted."""

    document: str
    revision: str
    files: tuple[str, ...] = ()


class SubmissionState(State):
    """What was submitted, when and how the body decides, and how it decided."""

    submitted_on: str | None = None
    frozen: tuple[Frozen, ...] = ()
    session_on: str | None = None
    papers_due: str | None = None
    form: str = "session"
    postponements: int = 0
    outcome: str | None = None
    decided_on: str | None = None
    votes_for: int | None = None
    votes_against: int | None = None
    abstained: int | None = None
    members: int | None = None


class SessionDay(Parameters):
    """The day of the session."""

    session: date = Field(description=Help("Day of the session", vi="Ngày họp"))


class Ballot(Parameters):
    """A written ballot in place of a session."""

    until: date = Field(description=Help("Last day on which ballots are taken", vi="Ngày cuối cùng nhận phiếu"))


class Postponement(Parameters):
    """Why the session put it off, and until when."""

    reason: Prose = Field(min_length=1, description=Help("Why it was postponed", vi="Lý do lùi phiên họp"))
    to: date | None = Field(
        default=None, description=Help("New day of the session, if known", vi="Ngày họp mới, nếu đã biết")
    )


class Decision(Parameters):
    """How the session decided; ballots are counted against all members, not those present."""

    outcome: Outcome = Field(description=Help("What the session decided", vi="Kết quả của phiên họp"))
    votes_for: int | None = Field(default=None, ge=0, description=Help("Ballots in favour", vi="Số phiếu tán thành"))
    votes_against: int | None = Field(
        default=None, ge=0, description=Help("Ballots against", vi="Số phiếu không tán thành")
    )
    abstained: int | None = Field(
        default=None, ge=0, description=Help("Members who abstained", vi="Số thành viên không biểu quyết")
    )
    members: int | None = Field(
        default=None,
        ge=1,
        description=Help(
            "All members, where the definition gives no number", vi="Tổng số thành viên, khi quy trình không nêu"
        ),
    )
    text: Prose | None = Field(default=None, description=Help("What the session said", vi="Ý kiến của phiên họp"))

    @property
    def cast(self) -> int:
        """All ballots, with those of who abstained."""
        return (self.votes_for or 0) + (self.votes_against or 0) + (self.abstained or 0)

    @property
    def counted(self) -> bool:
        """True if any ballots were counted."""
        return not (self.votes_for is None and self.votes_against is None and self.abstained is None)


def objections(options: SubmissionOptions, state: SubmissionState, decision: Decision, on: date) -> Iterator[Reason]:
    """Why a decision cannot be what the body decided: its day, its ballots, its majority."""
    members = decision.members or options.members
    if options.members is not None and decision.members not in (None, options.members):
        yield _reason(
            "members-differ",
            "{body} has {known} members, not {members}",
            "{body} có {known} thành viên, không phải {members}",
            body=options.body,
            known=options.members,
            members=decision.members,
        )
    if decision.counted and members is None:
        yield _reason(
            "members-missing",
            "ballots are counted against all members: give their number",
            "phiếu được tính trên tổng số thành viên: hãy ghi tổng số thành viên",
        )
    elif members is not None:
        yield from _ballots(options.majority, decision, members)
    yield from _day(state, decision, members, on)


def _ballots(majority: Majority | None, decision: Decision, members: int) -> Iterator[Reason]:
    if decision.cast > members:
        yield _reason(
            "too-many-ballots",
            "{cast} ballots, but only {members} members",
            "Có {cast} phiếu nhưng chỉ có {members} thành viên",
            cast=decision.cast,
            members=members,
        )
        return
    if not decision.counted:
        return
    votes, against, passing = decision.votes_for or 0, decision.votes_against or 0, decision.outcome != "sent-back"
    # Without a rule of its own the body passes nothing that more are against than in favour of.
    enough = majority.reached(votes, members) if majority else votes > against
    told: dict[str, Any] = {"votes": votes, "members": members, "rule": str(majority) if majority else f"> {against}"}
    if passing and not enough:
        yield _reason(
            "no-majority",
            "{votes} of {members} members are in favour, which is no majority ({rule})",
            "Có {votes}/{members} thành viên tán thành, chưa đủ đa số ({rule})",
            **told,
        )
    elif not passing and enough and majority:
        yield _reason(
            "majority-in-favour",
            "{votes} of {members} members are in favour, which passes it ({rule})",
            "Có {votes}/{members} thành viên tán thành, tức là đã thông qua ({rule})",
            **told,
        )


def _day(state: SubmissionState, decision: Decision, members: int | None, on: date) -> Iterator[Reason]:
    if state.session_on is None or on.isoformat() >= state.session_on:
        return
    since = date.fromisoformat(state.session_on)
    if state.form != "written":
        texts = "The session sits only on {session}", "Đến ngày {session} mới họp"
        yield _reason("before-the-session", *texts, since=since, session=state.session_on)
    elif members is None or decision.cast < members:
        texts = (
            "ballots are taken until {session}, and {cast} are in",
            "phiếu lấy ý kiến được nhận đến ngày {session}, mới có {cast} phiếu",
        )
        yield _reason("ballots-out", *texts, since=since, session=state.session_on, cast=decision.cast)


def _reason(code: str, text: str, vi: str, since: date | None = None, **params: Any) -> Reason:
    return Reason(code, Phrase(text, params, vi=vi), since=since)
