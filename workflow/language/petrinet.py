"""A definition's stages as a Petri net in PNML (ISO/IEC 15909-2): the model that process mining checks logs against.

A place for each stage, one for all final ones together; a transition for each of the definition's, called
`STAGE/TRIGGER`, as exported logs call it. Who may fire it and its guards are not in the net.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from workflow.language.definition import Definition

NET_TYPE = "http://www.pnml.org/version-2009/grammar/pnmlcoremodel"
"""The standard's name for such a net; nothing is ever fetched from there."""
END = "end"


def petri_net(definition: Definition) -> str:
    """Return the net as XML: a token in the first stage, and at the end one in the final ones."""
    return "\n".join(_net(definition)) + "\n"


def _net(definition: Definition) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<pnml><net id={quoteattr(definition.id)} type="{NET_TYPE}">'
    yield _name(definition.id)
    yield '<page id="page">'
    for id_, stage in definition.stages.items():
        if not stage.final:
            marked = "<initialMarking><text>1</text></initialMarking>" if id_ == definition.initial else ""
            yield f"<place id={_place(definition, id_)}>{_name(id_)}{marked}</place>"
    yield f'<place id="{END}">{_name(END)}</place>'
    arcs: list[tuple[str, str]] = []
    for id_, stage in definition.stages.items():
        for trigger, transition in stage.transitions.items():
            label = f"{id_}/{trigger}"
            fired = quoteattr(f"t-{label}")
            yield f"<transition id={fired}>{_name(label)}</transition>"
            arcs += [(_place(definition, id_), fired), (fired, _place(definition, transition.to))]
    for number, (source, target) in enumerate(arcs, 1):
        yield f'<arc id="a-{number}" source={source} target={target}/>'
    yield "</page>"
    yield f'<finalmarkings><marking><place idref="{END}"><text>1</text></place></marking></finalmarkings>'
    yield "</net></pnml>"


def _place(definition: Definition, stage: str) -> str:
    # Final stages are one place, or a tool would need a step more, of which no log tells.
    return f'"{END}"' if definition.stages[stage].final else quoteattr(f"p-{stage}")


def _name(text: str) -> str:
    return f"<name><text>{escape(text)}</text></name>"
