"""The words of the definition language: ids, names, days, texts, and how lists of them are written."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Strict, StringConstraints, model_validator

from workflow.numbers import LONGEST_SERIES, SERIES

Flag = Annotated[bool, Strict()]
"""`true` or `false`, and no text that looks like one."""

Whole = Annotated[int, Strict()]

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
"""ASCII kebab-case identifier."""

Holder = Annotated[str, StringConstraints(pattern=r"^@?[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
"""A unit, office, role or person, or `@group`."""

IsoDate = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
IsoMonths = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}(/[0-9]{4}-[0-9]{2})?$")]
IsoWindow = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}/[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Series = Annotated[str, StringConstraints(pattern=SERIES, max_length=LONGEST_SERIES)]
"""The symbol behind a document's number: `KH-KHCN`."""

Address = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)?(@[0-9]+)?$", max_length=210),
]
"""`step`, `stage/step` or `stage/step@ROUND`."""


class Model(BaseModel):
    """Base: unknown keys are errors, instances never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


class Text(Model):
    """A text for people: Vietnamese, with an optional English twin. A bare string is Vietnamese."""

    vi: str
    en: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return {"vi": value} if isinstance(value, str) else value

    def __str__(self) -> str:
        return self.in_language("en")

    def in_language(self, language: str) -> str:
        """Return the text in *language* (`vi` or `en`), Vietnamese where there is no English."""
        return self.en if language == "en" and self.en else self.vi


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Holders = Annotated[tuple[Holder, ...], BeforeValidator(_listed, json_schema_input_type=Holder | tuple[Holder, ...])]
Ids = Annotated[tuple[Id, ...], BeforeValidator(_listed, json_schema_input_type=Id | tuple[Id, ...])]
Addresses = Annotated[
    tuple[Address, ...], BeforeValidator(_listed, json_schema_input_type=Address | tuple[Address, ...])
]


def _no_flag(value: Any) -> Any:
    """Keep `true` apart from 1, which Python takes for the same."""
    return str(value).lower() if isinstance(value, bool) else value


One = Annotated[Literal[1], BeforeValidator(_no_flag, json_schema_input_type=Literal[1])]
"""The number 1 and nothing that equals it."""
