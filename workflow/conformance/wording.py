"""What people read of a plugin: in both languages, with every place filled."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from workflow.catalogue import VIETNAMESE, translations
from workflow.conformance import findings as f
from workflow.conformance.findings import Findings, Place, place_of_name
from workflow.errors import N_, Phrase, Reason, WorkflowError
from workflow.language.definition import Text
from workflow.steps.descriptions import meaning
from workflow.steps.step_type import StepType

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PLACE = re.compile(r"\{(\w+)")


def judge_refusal(findings: Findings, refused: WorkflowError, place: Place) -> None:
    """Judge what a step type raised."""
    if not refused.reasons and not refused.params and refused.phrase.vi is None:
        findings.add(
            f.REFUSALS,
            place,
            N_("the refusal `{text}` lists no reason, and has no Vietnamese"),
            text=refused.phrase.text,
        )
    elif not refused.reasons and refused.exit_code == 3 and refused.code == "refused":
        findings.add(
            f.REFUSALS, place, N_("the refusal `{text}` lists no reason: give `reasons=`"), text=refused.phrase.text
        )
    for reason in refused.reasons:
        judge_reason(findings, reason, place)


def judge_reason(findings: Findings, reason: Reason, place: Place, check: int = f.REFUSALS) -> None:
    """Judge a reason: its code, its sentence in both languages, who could meet it."""
    if not isinstance(reason.code, str) or not _CODE.fullmatch(reason.code):
        findings.add(check, place, N_("the code `{code}` of a reason is not in kebab-case"), code=reason.code)
    if fault := fault_of(reason.phrase):
        findings.add(check, place, fault, text=reason.phrase.text)
    if not isinstance(reason.who, tuple) or not all(isinstance(who, str) for who in reason.who):
        findings.add(check, place, N_("`who` of the reason `{code}` is no tuple of ids"), code=reason.code)


def fault_of(phrase: Phrase) -> str | None:
    """Return what is wrong with a sentence, None if nothing is."""
    vietnamese = phrase.vi or translations(VIETNAMESE).get(phrase.text)
    if not vietnamese:
        return N_("`{text}` has no Vietnamese")
    if not unicodedata.is_normalized("NFC", vietnamese):
        return N_("the Vietnamese of `{text}` is not in NFC")
    places = set(_PLACE.findall(phrase.text))
    if places - set(phrase.params):
        return N_("`{text}` has a place that is not filled")
    if places != set(_PLACE.findall(vietnamese)):
        return N_("the Vietnamese of `{text}` has other places")
    return None


def judge_words(findings: Findings, step_type: StepType) -> None:
    """Judge the titles of a step type, of its states and actions, and the help of every field."""
    kind = type(step_type)
    titles: dict[str, tuple[Any, Place]] = {"title": (step_type.title, place_of_name(kind, "title"))}
    for state, title in step_type.states.items():
        titles[f"states.{state}"] = (title, place_of_name(kind, "states"))
    for action in step_type.actions().values():
        titles[action.name] = (action.title, place_of_name(kind, action.method))
    for name, (title, place) in titles.items():
        judge_title(findings, title, name, place)
    models = [step_type.Options, *(action.parameters for action in step_type.actions().values())]
    for model, name, declared in fields_in(models):
        phrase = meaning(declared)
        where = f"{model.__name__}.{name}"
        if phrase is None:
            findings.add(
                f.WORDS, place_of_name(model, name), N_("`{name}` has no description: give Help(…, vi=…)"), name=where
            )
        elif not phrase.vi or not unicodedata.is_normalized("NFC", phrase.vi):
            findings.add(
                f.WORDS, place_of_name(model, name), N_("the description of `{name}` has no Vietnamese"), name=where
            )


def judge_title(findings: Findings, title: Any, name: str, place: Place) -> None:
    """Judge one title: `{vi, en}` or a `Text`, both languages there, in NFC."""
    given = title.model_dump() if isinstance(title, Text) else title if isinstance(title, Mapping) else {}
    for language in ("vi", "en"):
        text = given.get(language)
        if not isinstance(text, str) or not text.strip() or not unicodedata.is_normalized("NFC", text):
            findings.add(f.WORDS, place, N_("`{name}` has no title in `{language}`"), name=name, language=language)


def fields_in(models: list[type[BaseModel]]) -> Iterator[tuple[type[BaseModel], str, FieldInfo]]:
    """Yield every field of some models and of the models in them, each model once."""
    seen: set[type[BaseModel]] = set()
    waiting = list(models)
    while waiting:
        model = waiting.pop(0)
        if model in seen or issubclass(model, Text):
            continue
        seen.add(model)
        for name, declared in model.model_fields.items():
            # Where a field comes from a base, the base is what has to be changed.
            owner = next((base for base in model.__mro__ if name in vars(base).get("__annotations__", {})), model)
            yield owner, name, declared
            waiting += models_in(declared.annotation)


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """Return the models that an annotation names, however deep."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models_in(part)]
