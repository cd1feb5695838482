"""`uses: dossier`: the papers that go forward together, complete when all are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, field_validator

from workflow import (
    Act,
    DocumentRef,
    Help,
    MadeRevision,
    Options,
    Parameters,
    Phrase,
    Prose,
    Reason,
    Refused,
    State,
    StepType,
    StepView,
    Text,
    WorkItem,
    action,
    hookimpl,
    prose,
)


class DossierOptions(Options):
    """What `with:` takes."""

    papers: tuple[DocumentRef, ...] = Field(
        min_length=1, description=Help("The papers that it is made of", vi="Các văn bản của hồ sơ")
    )

    @field_validator("papers")
    @classmethod
    def _each_once(cls, papers: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(papers)) < len(papers):
            raise ValueError(Phrase("a paper is named twice", vi="một văn bản được nêu hai lần"))
        return papers


class Filed(State):
    """A paper that is there, since which day."""

    paper: str
    on: str


class DossierState(State):
    """The papers that are there, in the order of their coming."""

    filed: tuple[Filed, ...] = ()


class File(Parameters):
    """Parameters of `file`."""

    paper: DocumentRef = Field(
        description=Help("The document that the attached files are", vi="Văn bản mà các tệp đính kèm là nội dung")
    )
    based_on: str | None = Field(
        None,
        pattern=r"^\d{1,6}\.\d{1,6}$",
        description=Help(
            "The revision that this one goes on from; a conflict if it is no longer the newest",
            vi="Bản được sửa tiếp; bị từ chối vì xung đột nếu không còn là bản mới nhất",
        ),
    )
    note: Prose | None = Field(None, description=Help("A remark", vi="Ghi chú"))


class Dossier(StepType):
    """Collects papers that need no draft number.

    Each `file` makes a revision of one paper from the files attached. What other steps have brought
    about when the dossier opens is there already; a later round collects everything anew.
    """

    name = "dossier"
    title = {"vi": "Hoàn chỉnh hồ sơ", "en": "Dossier"}
    states = {
        "collecting": {"vi": "Đang hoàn chỉnh hồ sơ", "en": "Being collected"},
        "complete": {"vi": "Đủ hồ sơ", "en": "Complete"},
    }
    complete_states = ("complete",)
    Options = DossierOptions
    State = DossierState

    def open(self, view: StepView, context: Any) -> Act:
        """Count what is there already, in the first round."""
        papers = view.options.papers
        there = [paper for paper in papers if view.round == 1 and view.plan.latest_revision(paper) is not None]
        return Act(data={"there": there}, to="complete" if len(there) == len(papers) else None)

    @action(
        "file",
        title={"vi": "Nộp văn bản vào hồ sơ", "en": "Hand in a paper"},
        source=("collecting", "complete"),
        to=("collecting", "complete"),
        parameters=File,
        late=True,
    )
    def file(self, view: StepView, parameters: File, context: Any) -> Act:
        """Take in a paper: the attached files, or the revision that another step has brought about."""
        paper = parameters.paper
        newest = view.plan.latest_revision(paper)
        _require_paper(view, paper)
        if not context.attachments and newest is None:
            raise _nothing_attached(view, paper)
        data: dict[str, Any] = {"paper": paper}
        if parameters.note:
            data["note"] = prose(parameters.note)
        made: tuple[MadeRevision, ...] = ()
        if context.attachments:
            files = tuple(attachment.sha256 for attachment in context.attachments)
            number = newest.number if newest is not None else 1
            made = (MadeRevision(paper, number, files, parameters.based_on),)
        lacking = set(_lacking(view)) - {paper}
        return Act(data=data, to="collecting" if lacking else "complete", revisions=made)

    def evolve(self, state: DossierState | None, action: str, data: Mapping[str, Any]) -> DossierState:
        """Remember each paper with the day on which it was first there."""
        state = state or DossierState()
        papers = data.get("there", ()) if action == "open" else (data["paper"],)
        known = {filed.paper for filed in state.filed}
        new = tuple(Filed(paper=paper, on=data["on"]) for paper in papers if paper not in known)
        return DossierState(filed=(*state.filed, *new))

    def blockers(self, view: StepView) -> tuple[Reason, ...]:
        """Name each paper that is missing."""
        who = (view.lead,) if view.lead else ()
        return tuple(
            Reason(
                "paper-missing",
                Phrase(
                    "`{step}` lacks `{paper}`",
                    {"step": view.address, "paper": paper},
                    vi="hồ sơ `{step}` còn thiếu `{paper}`",
                ),
                who,
            )
            for paper in _lacking(view)
        )

    def work_items(self, view: StepView) -> tuple[WorkItem, ...]:
        """Return one item for each paper, owed by the lead."""
        filed = {one.paper: one.on for one in view.state.filed}
        return tuple(
            WorkItem(
                key=paper,
                title=_title(view, paper),
                owner=view.lead,
                due_on=view.due_on,
                done_on=filed.get(paper),
                open=paper not in filed,
            )
            for paper in view.options.papers
        )

    def papers(self, options: DossierOptions) -> tuple[str, ...]:
        """The papers that can be handed in here."""
        return options.papers


def _lacking(view: StepView) -> list[str]:
    filed = {one.paper for one in view.state.filed}
    return [paper for paper in view.options.papers if paper not in filed]


def _title(view: StepView, paper: str) -> Text:
    english = f"{view.title.en}: {paper}" if view.title.en else None
    return Text(vi=f"{view.title.vi}: {paper}", en=english)


def _require_paper(view: StepView, paper: str) -> None:
    if paper in view.options.papers:
        return
    phrase = Phrase(
        "`{paper}` is no paper of `{step}`; its papers are {papers}",
        {"paper": paper, "step": view.address, "papers": ", ".join(view.options.papers)},
        vi="`{paper}` không thuộc hồ sơ `{step}`; hồ sơ gồm {papers}",
    )
    raise Refused(
        "this paper does not belong to the dossier",
        vi="văn bản này không thuộc hồ sơ",
        code="not-of-the-dossier",
        reasons=(Reason("not-of-the-dossier", phrase),),
    )


def _nothing_attached(view: StepView, paper: str) -> Refused:
    phrase = Phrase(
        "nothing is attached, and no revision of `{paper}` was handed in elsewhere",
        {"paper": paper},
        vi="chưa đính kèm tệp, và chưa có bản nào của `{paper}` được nộp ở bước khác",
    )
    return Refused(
        "there is nothing to hand in",
        vi="chưa có gì để nộp",
        code="nothing-attached",
        reasons=(Reason("nothing-attached", phrase, (view.lead,) if view.lead else ()),),
    )


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `uses: dossier`."""
    return (Dossier(),)
