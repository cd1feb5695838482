"""What options and parameters mean is said in both languages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo

from workflow import Help, Parameters, Text
from workflow.catalogue import Catalogue
from workflow.registry import Registry
from workflow.steps.descriptions import meaning

SHIPPED = Registry().step_types


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that an annotation names, however deep, with those of their fields."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation is not Text:
            yield annotation
            for field in annotation.model_fields.values():
                yield from models_in(field.annotation)
    for inner in get_args(annotation):
        yield from models_in(inner)


def fields_of(name: str) -> dict[str, FieldInfo]:
    """Every field that a step type asks for, in `with:` and of its actions."""
    step_type = SHIPPED[name]
    asked = [step_type.Options, *(action.parameters for action in step_type.actions().values())]
    return {
        f"{model.__name__}.{field}": info
        for one in asked
        for model in models_in(one)
        for field, info in model.model_fields.items()
    }


class Sample(Parameters):
    """Described in each way there is."""

    both: str = Field(description=Help("In English", vi="Bằng tiếng Việt"))
    english: str = Field(description="In English")
    nothing: str


def said(name: str, language: str) -> str | None:
    """What a field of the sample means, in one language."""
    phrase = meaning(Sample.model_fields[name])
    return None if phrase is None else Catalogue(language).text(phrase)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_field_of_a_shipped_type_has_its_vietnamese(name):
    """No option and no parameter of a shipped step type is described in English alone."""
    fields = fields_of(name)
    for field, info in fields.items():
        phrase = meaning(info)
        assert phrase is not None and phrase.vi, f"{name}: {field} has no Vietnamese"
        assert unicodedata.is_normalized("NFC", phrase.vi)
        assert phrase.vi != phrase.text, f"{name}: {field} is not translated"


def test_there_are_fields_to_look_at():
    """The test above looks at all of them, those of nested models too."""
    assert sum(len(fields_of(name)) for name in SHIPPED) > 140
    assert "Row.undecided" in fields_of("assignment") and "Quorum.veto" in fields_of("consultation")


def test_a_help_says_it_in_the_readers_language():
    """`Help` is English to pydantic and to an English reader, Vietnamese to a Vietnamese one."""
    assert ("In English", "Bằng tiếng Việt") == (said("both", "en"), said("both", "vi"))
    assert "In English" == Sample.model_json_schema()["properties"]["both"]["description"]


def test_a_plain_description_is_shown_to_everybody():
    """An author who writes one language is read in that one."""
    assert ("In English", "In English") == (said("english", "en"), said("english", "vi"))


def test_a_field_without_a_description_means_nothing_yet():
    """Nothing is made up where the author says nothing."""
    assert said("nothing", "vi") is None
