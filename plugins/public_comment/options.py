"""What a posting is given, what its actions take, and what it remembers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from pydantic import Field, field_validator

from trinh_plugins._opinions import Article, GivenAnswer, Position, TextRef, answered, text_ref, wants_answer
from trinh_plugins._rules import rules
from workflow import DocumentRef, Help, Options, Parameters, Phrase, Prose, State


class PublicCommentOptions(Options):
    """What `with:` takes."""

    document: DocumentRef | None = Field(
        None, description=Help("The document whose newest revision is posted", vi="Văn bản được đăng tải bản mới nhất")
    )
    rule: str | None = Field(
        None,
        description=Help(
            "The rule that sets the days, from data/rules.toml", vi="Quy tắc quy định số ngày, lấy từ data/rules.toml"
        ),
    )
    min_days: int | None = Field(
        None,
        ge=1,
        description=Help(
            "Calendar days for which it must stand there, whatever the rule",
            vi="Số ngày (theo lịch) phải đăng tải, bất kể quy tắc nào",
        ),
    )
    basis: str | None = Field(None, description=Help("What sets min_days", vi="Căn cứ của min_days"))
    where: str | None = Field(None, description=Help("The portal", vi="Cổng thông tin"))

    @field_validator("rule")
    @classmethod
    def _known(cls, name: str | None) -> str | None:
        if name is not None and name not in rules():
            raise ValueError(
                Phrase(
                    "there is no rule `{name}`; there are: {rules}",
                    {"name": name[:60], "rules": ", ".join(rules())},
                    vi="không có quy tắc `{name}`; hiện có: {rules}",
                )
            )
        return name


class Comment(State):
    """A comment from the public; who sent it and what it says stand beside the chain.

    Attributes:
        id: Its number in the round, from 1.
        about: Name of the revision that was posted when it came.
        late: It came after the posting had ended.
    """

    id: int
    on: str
    position: Position = "comments"
    article: str | None = None
    about: str | None = None
    sender: TextRef | None = None
    text: TextRef | None = None
    late: bool = False
    verdict: str | None = None
    answered_on: str | None = None
    taken_in: TextRef | None = None
    reason: TextRef | None = None

    @property
    def wants_answer(self) -> bool:
        """True while there is something to answer and nobody did."""
        return wants_answer(self.position, self.verdict)


class Interruption(State):
    """Days on which the draft was not there: from `down` up to the day before `up`."""

    down: str
    up: str | None = None
    reason: TextRef | None = None


class Counts(State):
    """How many comments came, how many were answered or need no answer, how many came after the end."""

    comments: int
    answered: int
    unanswered: int
    late: int


class PublicCommentState(State):
    """When and what was posted, the first day on which it may end, and what came in.

    Attributes:
        days: Calendar days that it must stand there, with `basis` and `unverified`; None without a minimum.
        closable_on: The first day on which it may end, interruptions so far taken into account.
    """

    days: int | None = None
    basis: str | None = None
    unverified: bool = False
    posted_on: str | None = None
    address: str | None = None
    closable_on: str | None = None
    number: int | None = None
    revision: int | None = None
    files: tuple[str, ...] = ()
    interruptions: tuple[Interruption, ...] = ()
    comments: tuple[Comment, ...] = ()
    closed_on: str | None = None

    @property
    def posted_revision(self) -> str | None:
        """Name of the revision that the public saw, as `2.1`."""
        return None if self.revision is None else f"{self.number}.{self.revision}"

    @property
    def down_on(self) -> str | None:
        """The day since which it is taken down; None while it stands."""
        last = self.interruptions[-1] if self.interruptions else None
        return last.down if last and last.up is None else None

    @property
    def latest_on(self) -> str:
        """The last day on which it was posted, taken down or put back."""
        last = self.interruptions[-1] if self.interruptions else None
        return (last.up or last.down) if last else (self.posted_on or "")

    @property
    def lost_days(self) -> int:
        """Interrupted days so far, of the interruptions that are over."""
        return sum(_days(each.down, each.up) for each in self.interruptions if each.up)

    @property
    def stood_days(self) -> int:
        """Days that counted until it was taken down."""
        return _days(self.posted_on or "", self.down_on or "") - self.lost_days if self.down_on else 0

    @property
    def unanswered(self) -> tuple[Comment, ...]:
        """Comments that still need an answer."""
        return tuple(comment for comment in self.comments if comment.wants_answer)

    def earliest(self, posted: date) -> str | None:
        """The first day on which it may end if it is posted on this day and stays there."""
        return None if self.days is None else (posted + timedelta(days=self.days)).isoformat()

    def counts(self) -> Counts:
        """Count the comments."""
        unanswered = len(self.unanswered)
        return Counts(
            comments=len(self.comments),
            answered=len(self.comments) - unanswered,
            unanswered=unanswered,
            late=sum(comment.late for comment in self.comments),
        )

    # how it changes

    def with_rule(self, data: Mapping[str, Any]) -> PublicCommentState:
        """Keep the minimum that an event chose."""
        return self.model_copy(update={name: data[name] for name in ("days", "basis", "unverified") if name in data})

    def with_posting(self, data: Mapping[str, Any]) -> PublicCommentState:
        """Keep the days, the address and what was posted; version 1 named the revision among its data."""
        shown = data["sent"][0] if data.get("sent") else data
        known = {
            "number": shown.get("number"),
            "revision": shown.get("revision"),
            "files": tuple(shown.get("files", ())),
        }
        when = {"posted_on": data["on"], "address": data["address"], "closable_on": data.get("closable_on")}
        return self.with_rule(data).model_copy(update={**known, **when})

    def with_removal(self, data: Mapping[str, Any]) -> PublicCommentState:
        """Begin an interruption."""
        new = Interruption(down=data["on"], reason=text_ref(data, "reason"))
        return self.model_copy(update={"interruptions": (*self.interruptions, new)})

    def with_return(self, data: Mapping[str, Any]) -> PublicCommentState:
        """End the interruption; the first day on which it may end moves by the days lost."""
        last = self.interruptions[-1].model_copy(update={"up": data["on"]})
        changes = {"interruptions": (*self.interruptions[:-1], last), "closable_on": data.get("closable_on")}
        return self.model_copy(update={**changes, "address": data.get("address") or self.address})

    def with_comment(self, data: Mapping[str, Any]) -> PublicCommentState:
        """Add a comment."""
        comment = Comment(
            id=len(self.comments) + 1,
            on=data["on"],
            position=data.get("position", "comments"),
            article=data.get("article"),
            about=data.get("about") or self.posted_revision,
            sender=text_ref(data, "sender"),
            text=text_ref(data, "text"),
            late=self.closed_on is not None,
        )
        return self.model_copy(update={"comments": (*self.comments, comment)})

    def with_answer(self, data: Mapping[str, Any]) -> PublicCommentState:
        """Keep what became of a comment."""
        changes = answered(data)
        comments = tuple(c.model_copy(update=changes) if c.id == data["comment"] else c for c in self.comments)
        return self.model_copy(update={"comments": comments})

    def with_closing(self, data: Mapping[str, Any]) -> PublicCommentState:
        """End the posting."""
        return self.model_copy(update={"closed_on": data["on"]})


class Post(Parameters):
    """Parameters of `post`."""

    address: str | None = Field(
        None,
        max_length=500,
        description=Help(
            "Where it was posted; the option `where` if left out",
            vi="Nơi đăng tải; nếu không nêu thì theo tùy chọn `where`",
        ),
    )


class TakeDown(Parameters):
    """Parameters of `take-down`."""

    reason: Prose = Field(
        min_length=1, description=Help("Why it is not there any longer", vi="Lý do không còn được đăng")
    )


class PutBack(Parameters):
    """Parameters of `put-back`."""

    address: str | None = Field(
        None,
        max_length=500,
        description=Help(
            "Where it stands now; as before if left out", vi="Nơi đăng hiện nay; nếu không nêu thì như trước"
        ),
    )


class Record(Parameters):
    """Parameters of `record`."""

    sender: Prose = Field(min_length=1, description=Help("Who commented", vi="Người góp ý"))
    text: Prose = Field(min_length=1, description=Help("The comment", vi="Nội dung góp ý"))
    position: Position = Field(
        "comments", description=Help("What it says to the draft", vi="Ý kiến thế nào về dự thảo")
    )
    article: Article | None = Field(
        None, description=Help("Article or part that it speaks of", vi="Điều khoản hoặc phần được góp ý")
    )
    about: str | None = Field(
        None,
        max_length=20,
        description=Help(
            "The revision it speaks of; the posted one if left out",
            vi="Bản dự thảo được góp ý; nếu không nêu thì là bản được đăng tải",
        ),
    )


class Answer(GivenAnswer):
    """Parameters of `answer`."""

    comment: int = Field(
        ge=1, description=Help("Number of the comment that is answered", vi="Số của ý kiến được trả lời")
    )


def _days(start: str, end: str) -> int:
    return (date.fromisoformat(end) - date.fromisoformat(start)).days
