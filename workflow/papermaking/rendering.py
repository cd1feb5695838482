"""Draws a paper: a .docx template filled with values, the same bytes for the same values.

Values are written as they are: no text can bring markup or a template's own marks into a paper. A template may
ask for values and nothing else, for it is edited by people (Jinja's sandbox).
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Final

from workflow.errors import InvalidInput, WorkflowError
from workflow.papermaking.places import place_of_field
from workflow.papermaking.templates import Template

_LINE_END = re.compile("\r\n|[\r\u2028\u2029\x85]")
_NOT_XML = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What no Word file can hold; line breaks and tabs can."""
_DAY_OF_ZIP: Final = (1980, 1, 1, 0, 0, 0)


def render(template: Template, values: Mapping[str, Any], *, needs: tuple[str, ...], title: str, on: date) -> bytes:
    """Return the .docx that *template* makes of *values*.

    Args:
        needs: Fields that the template has to show.
        title: The document's title among its properties.
        on: The day that its properties name.

    Raises:
        InvalidInput: If the template has a fault, asks for a field that there is not, or lacks one; names the
            template and the place. Also where the extra that draws is not installed.
    """
    sheet_class = _sheet_class(template)
    place = ""
    try:
        sheet = sheet_class(template.content)
        try:
            environment = sheet.environment()
            _require_fields(template, sheet, environment, values, needs)
            sheet.render(written(values), environment, autoescape=True)
        finally:
            place = sheet.place
        properties = sheet.docx.core_properties
        properties.title, properties.author, properties.last_modified_by = title[:255], "", ""
        properties.created = properties.modified = datetime.combine(on, time(), UTC)
        properties.revision = 1
        output = io.BytesIO()
        sheet.save(output)
    except WorkflowError:
        raise
    except Exception as error:
        # Whatever a template does wrong is its author's to mend: they get the place, not a traceback.
        raise _fault(template, place, error) from error
    return _settled(output.getvalue())


def written(value: Any) -> Any:
    """Return *value* with every text as a Word file can hold it: NFC, without control characters."""
    if isinstance(value, str):
        return _NOT_XML.sub("", unicodedata.normalize("NFC", _LINE_END.sub("\n", value)))
    if isinstance(value, Mapping):
        return {name: written(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [written(each) for each in value]
    return value


def _sheet_class(template: Template) -> Any:
    try:
        from workflow.papermaking.sheet import Sheet
    except ImportError as error:
        raise InvalidInput(
            "{name} cannot be drawn: the extra [papers] is not installed",
            code="extra-missing",
            hint="in the checkout: pip install '.[papers]'",
            name=template.name,
        ) from error
    return Sheet


def _require_fields(
    template: Template, sheet: Any, environment: Any, values: Mapping[str, Any], needs: tuple[str, ...]
) -> None:
    """Refuse a template that asks for what there is not, or does not show what it has to."""
    used: set[str] = set()
    shown: set[str] = set()
    for part, xml in sheet.parts():
        asked = sheet.fields(environment, part, xml)
        if unknown := sorted(asked - set(values)):
            raise InvalidInput(
                "template {name}, {place}: there is no field `{field}`",
                code="bad-template",
                hint="this paper has the fields: {known}",
                name=template.name,
                place=place_of_field(part, xml, unknown[0]),
                field=unknown[0],
                known=", ".join(sorted(values)),
            )
        used |= asked
        shown |= sheet.members(environment, xml)
    # A field of a row may stand under any name that the template gives the row.
    held = {field: field.partition(".")[2] in shown if "." in field else field in used for field in needs}
    if missing := [field for field, there in held.items() if not there]:
        raise InvalidInput(
            "template {name} does not show {field}, which such a paper has to show",
            code="bad-template",
            hint="write {field} where it is to stand; a paper of this kind has to show: {needs}",
            name=template.name,
            field=f"{{{{ {missing[0]} }}}}",
            needs=", ".join(needs),
        )


def _fault(template: Template, place: str, error: BaseException) -> InvalidInput:
    return InvalidInput(
        "template {name}, {place}: {error}",
        code="bad-template",
        hint="mend it in Word, or take it away: then the shipped one is used",
        name=template.name,
        place=place or "-",
        error=" ".join(str(error).split())[:300] or type(error).__name__,
    )


def _settled(content: bytes) -> bytes:
    """Return an archive with the same parts in the same order, without the day on which it was made.

    The parts are stored as they are: how small they get depends on the machine's zlib.
    """
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(output, "w") as after:
        for name in before.namelist():
            part = zipfile.ZipInfo(name, _DAY_OF_ZIP)
            part.create_system, part.external_attr = 0, 0
            after.writestr(part, before.read(name), zipfile.ZIP_STORED)
    return output.getvalue()
