"""The one module that knows docxtpl: a template that tells where it failed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import Environment, StrictUndefined, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from workflow.papermaking.places import apart, place_of, together

_BODY = "body"


class Sheet(DocxTemplate):
    """A template being filled in.

    Attributes:
        place: Where it failed, in words.
    """

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content))
        self.init_docx()
        self.place = _BODY

    @staticmethod
    def environment() -> Environment:
        """Return what fills it in: in a sandbox, and a value that there is not is an error."""
        return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True)

    def parts(self) -> Iterator[tuple[str, str]]:
        """Yield the XML of every part that is filled in, by the part's name for people."""
        yield _BODY, apart(self.patch_xml(self.get_xml()))
        for name, uri in (("header", self.HEADER_URI), ("footer", self.FOOTER_URI)):
            for _, part in self.get_headers_footers(uri):
                yield name, apart(self.patch_xml(self.get_part_xml(part)))

    def fields(self, environment: Environment, part: str, xml: str) -> set[str]:
        """Return the names of the values that a part asks for."""
        try:
            return meta.find_undeclared_variables(environment.parse(xml))
        except Exception as error:
            self.place = place_of(part, xml, error)
            raise

    @staticmethod
    def members(environment: Environment, xml: str) -> set[str]:
        """Return the names of the values within values that a part shows: `when` of `{{ row.when }}`."""
        return {found.attr for found in environment.parse(xml).find_all(nodes.Getattr)}

    def render_xml_part(self, src_xml: str, part: Any, context: Any, jinja_env: Any = None) -> str:
        """Fill in one part. Unlike docxtpl's own it leaves values such as `{_{` alone."""
        source = apart(src_xml)
        self.current_rendering_part = part
        try:
            filled = jinja_env.from_string(source).render(context)
        except Exception as error:
            name = str(getattr(part, "partname", ""))
            self.place = place_of(next((word for word in ("header", "footer") if word in name), _BODY), source, error)
            raise
        return str(self.resolve_listing(together(filled)))
