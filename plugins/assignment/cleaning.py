"""What is left of a cell once the traces of the program that it came out of are gone."""

from __future__ import annotations

import html
import re
import unicodedata

_BREAKS = re.compile(r"<\s*(?:br|/?p|/?div|/?ul|/?ol|/?li|/?tr)\b[^<>]*>", re.IGNORECASE)
_TAGS = re.compile(
    r"<\s*/?\s*(?:a|abbr|b|big|center|code|em|font|h[1-6]|i|img|mark|o:p|pre|s|small|span|strike|strong|sub|sup|table"
    r"|tbody|td|th|thead|u|!--[^<>]*--)\b[^<>]*>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,20}|#\d{1,6}|#[xX][0-9A-Fa-f]{1,5});")
_UNSEEN = re.compile("[\u200b-\u200f\u2028\u2029\u202a-\u202e\u2060\ufeff\u00ad\f\v]")
_BLANKS = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u3000]+")


def clean(text: str) -> str | None:
    """Return the words of a cell, one line for each paragraph or bullet; None where there are none.

    HTML tags and entities, page breaks, blanks that do not break and marks that nobody sees are taken
    away; a `<` that is no tag stays.
    """
    text = _TAGS.sub("", _BREAKS.sub("\n", text))
    text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    text = unicodedata.normalize("NFC", _UNSEEN.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")))
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line) or None
