"""Hypothesis strategies from what a step type declares: its options, its actions' parameters, whole sequences.

Values are what the command line would hand over: JSON-like, days as ISO texts. Whatever a model's own
validators refuse is drawn again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import reject
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from workflow.decide.situation import texts_in
from workflow.language.definition import Text
from workflow.steps.step_type import Action, FreeTextMark, Reference, StepType

if TYPE_CHECKING:
    from workflow.testing.rounds import Round

UNITS = ("dept-a", "dept-b", "office")
NAMES: Mapping[str, tuple[str, ...]] = {
    "unit": UNITS,
    "holder": (*UNITS, "director"),
    "document": ("decision", "report"),
    "step": ("earlier", "stage/other"),
    "stage": ("stage",),
}
"""What a `Reference` may name, by its kind. Few, so that a sequence comes back to the same ones."""

WORDS = ("x", "Đúng như hồ sơ", "12/STC-VP", "Điều 3 khoản 2", "2026-03", "1.000.000 đồng", "1.1")
PROSE = (
    "Đã xem xét, còn thiếu bản sao có chứng thực.",
    "Đề nghị làm rõ nguồn kinh phí.",
    "As discussed on the telephone.",
)
"""Free texts; none of them stands anywhere else."""
_FIRST = date(2026, 3, 2)
_TRIES = 12
_MOST_WORDS = 60
_PAUSES = st.sampled_from((0, 0, 1, 7, 30))
_FILES = st.lists(st.sampled_from(("a.docx", "b.pdf")), max_size=2, unique=True).map(tuple)


@dataclass(frozen=True)
class Command:
    """One thing done on a round.

    Attributes:
        action: An action's name, or `tick`.
        parameters: JSON-like values that the action's model accepts.
        days: So many days after the one before.
        files: Names of files handed in.
    """

    action: str
    parameters: Mapping[str, Any]
    days: int = 0
    files: tuple[str, ...] = ()


def options(step_type: StepType) -> st.SearchStrategy[dict[str, Any]]:
    """Values under `with:` that the type accepts."""
    return model_values(step_type.Options)


def parameters(action: Action) -> st.SearchStrategy[dict[str, Any]]:
    """Parameters that the action's model accepts."""
    return model_values(action.parameters)


def next_command(round_: Round) -> st.SearchStrategy[Command]:
    """Commands that the machine of a round has in its present state, which speak of what the round knows.

    There has to be one (`round_.possible`). Texts are mostly words of its options, its state and its work
    items: units that were asked, numbers that were given. So a sequence drawn command by command comes
    further than one drawn beforehand.
    """
    step_type = round_.step_type
    known = words_of(round_)

    @st.composite
    def command(draw: st.DrawFn) -> Command:
        name = draw(st.sampled_from(round_.possible))
        if name == "tick":
            return Command(name, {}, draw(st.integers(1, 40)))
        given = draw(model_values(step_type.actions()[name].parameters, known))
        return Command(name, given, draw(_PAUSES), draw(_FILES))

    return command()


def words_of(round_: Round) -> tuple[str, ...]:
    """Return the texts of a round's options, state and open work items, each once."""
    found: dict[str, None] = {}
    for item in round_.step_type.work_items(round_.view):
        if item.open:
            found |= dict.fromkeys((item.key, *item.key.split("/")))
            found |= {item.owner: None} if item.owner else {}
    for model in (round_.options, round_.state):
        found |= dict.fromkeys(text for text in texts_in(model.model_dump(mode="json")) if 0 < len(text) <= 40)
    return tuple(found)[:_MOST_WORDS]


def commands(step_type: StepType, *, most: int = 8) -> st.SearchStrategy[list[Command]]:
    """Sequences of at most *most* commands along the type's declared machine.

    Which state an action with several targets reaches is a guess, so a command of the sequence may turn
    out not to be possible, or be refused: that too is what happens to a step type.
    """
    actions = tuple(step_type.actions().values())
    ticks = type(step_type).tick is not StepType.tick

    @st.composite
    def sequence(draw: st.DrawFn) -> list[Command]:
        phase, found = next(iter(step_type.states)), []
        for _ in range(draw(st.integers(0, most))):
            possible = [action for action in actions if not action.source or phase in action.source]
            if ticks and draw(st.integers(0, 4)) == 0:
                found.append(Command("tick", {}, draw(st.integers(1, 40))))
            if not possible:
                break
            action = draw(st.sampled_from(possible))
            found.append(Command(action.name, draw(parameters(action)), draw(_PAUSES), draw(_FILES)))
            phase = draw(st.sampled_from(action.to)) if action.to else phase
        return found

    return sequence()


def model_values(model: type[BaseModel], known: tuple[str, ...] = ()) -> st.SearchStrategy[dict[str, Any]]:
    """Values that *model* accepts: required fields always, the others in about half of the cases."""

    @st.composite
    def values(draw: st.DrawFn) -> dict[str, Any]:
        for _ in range(_TRIES):
            found = draw(_unchecked(model, known))
            try:
                model.model_validate(found)
            except ValidationError:
                continue
            return found
        reject()

    return values()


@st.composite
def _unchecked(draw: st.DrawFn, model: type[BaseModel], known: tuple[str, ...]) -> dict[str, Any]:
    found = {}
    for name, declared in model.model_fields.items():
        if declared.is_required() or draw(st.booleans()):
            found[declared.alias or name] = draw(_field(declared, known))
    return found


def _field(declared: FieldInfo, known: tuple[str, ...]) -> st.SearchStrategy[Any]:
    drawn = value_of(declared.annotation, tuple(declared.metadata), known)
    if not declared.examples:
        return drawn
    return st.sampled_from(declared.examples) | drawn


def value_of(annotation: Any, marks: tuple[Any, ...] = (), known: tuple[str, ...] = ()) -> st.SearchStrategy[Any]:
    """JSON-like values for an annotation with its pydantic constraints."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return value_of(arguments[0], (*arguments[1:], *marks), known)
    if origin in (Union, UnionType):
        kinds = [kind for kind in arguments if kind is not NoneType]
        drawn = st.one_of([value_of(kind, marks, known) for kind in kinds])
        return drawn | st.none() if NoneType in arguments else drawn
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is not None:
        return _several(origin, arguments, marks, known)
    return _single(annotation, marks, known)


def _several(
    origin: Any, arguments: tuple[Any, ...], marks: tuple[Any, ...], known: tuple[str, ...]
) -> st.SearchStrategy[Any]:
    least, most = _limit(marks, "min_length", 0), _limit(marks, "max_length", 3)
    if issubclass(origin, Mapping):
        keys, inner = (value_of(argument, (), known) for argument in arguments)
        return st.dictionaries(keys, inner, min_size=least, max_size=max(least, min(most, 3)))
    if origin is tuple and arguments and arguments[-1] is not Ellipsis:
        return st.tuples(*(value_of(argument, (), known) for argument in arguments)).map(list)
    one = value_of(arguments[0], (), known) if arguments else st.sampled_from(WORDS)
    return st.lists(one, min_size=least, max_size=max(least, min(most, 3)))


def _single(annotation: Any, marks: tuple[Any, ...], known: tuple[str, ...]) -> st.SearchStrategy[Any]:
    if isinstance(annotation, type):
        if issubclass(annotation, Text):
            return st.just({"vi": "Văn bản", "en": "Text"})
        if issubclass(annotation, BaseModel):
            return model_values(annotation, known)
        if issubclass(annotation, Enum):
            return st.sampled_from([member.value for member in annotation])
        if issubclass(annotation, bool):
            return st.booleans()
        if issubclass(annotation, int):
            return _numbers(marks)
        if issubclass(annotation, date):
            return st.integers(0, 120).map(lambda days: (_FIRST + timedelta(days=days)).isoformat())
        if issubclass(annotation, str):
            return _texts(marks, known)
    return st.sampled_from(WORDS)


def _numbers(marks: tuple[Any, ...]) -> st.SearchStrategy[int]:
    least = _limit(marks, "ge", _limit(marks, "gt", -1) + 1)
    most = _limit(marks, "le", _limit(marks, "lt", max(least, 0) + 31) - 1)
    # Small numbers first: they number the rows, units and applications that a sequence has made.
    first = min(max(least, 1), most)
    return st.integers(first, min(most, first + 2)) | st.integers(least, most)


def _texts(marks: tuple[Any, ...], known: tuple[str, ...]) -> st.SearchStrategy[str]:
    kind = next((mark.kind for mark in marks if isinstance(mark, Reference)), None)
    if kind is not None:
        return _mostly(known, NAMES.get(kind, WORDS))
    if any(isinstance(mark, FreeTextMark) for mark in marks):
        return st.sampled_from(PROSE)
    pattern = next((found for mark in marks if (found := getattr(mark, "pattern", None))), None)
    if pattern is not None:
        # In ASCII: Python's classes such as \\d take digits of every script, pydantic's engine does not.
        return st.from_regex(pattern, fullmatch=True, alphabet=st.characters(max_codepoint=126, min_codepoint=32))
    return _mostly(known, WORDS)


def _mostly(known: tuple[str, ...], others: tuple[str, ...]) -> st.SearchStrategy[str]:
    """What is known three times out of four."""
    other = st.sampled_from(others)
    return st.integers(0, 3).flatmap(lambda drawn: st.sampled_from(known) if drawn else other) if known else other


def _limit(marks: tuple[Any, ...], name: str, otherwise: int) -> int:
    found = next((limit for mark in marks if (limit := getattr(mark, name, None)) is not None), otherwise)
    return int(found)
