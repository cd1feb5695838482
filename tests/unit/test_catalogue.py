"""Messages are shown in the reader's language, and every message has its Vietnamese."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import workflow
from workflow import errors
from workflow.catalogue import (
    Catalogue,
    Marked,
    catalogue_file,
    language_from,
    main,
    marked_messages,
    missing,
    plain_entries,
    translations,
)
from workflow.errors import Phrase
from workflow.language.definition import Text

CORE = Path(workflow.__file__).parent
PLACE = re.compile(r"\{\w+\}")
"""A place to be filled; `{count|thing|things}` is a word of the English text alone."""
ENGLISH, VIETNAMESE = Catalogue("en"), Catalogue("vi")


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """A catalogue of one message in place of the real one."""
    entries = {"there is no plan `{plan}`": "không có kế hoạch `{plan}`"}
    monkeypatch.setattr("workflow.catalogue.translations", lambda language: entries)
    return entries


@pytest.fixture
def source(tmp_path: Path):
    """Write a source file and return the messages found in it."""

    def found(text: str) -> list[str | None]:
        (tmp_path / "sample.py").write_text(text, "utf-8")
        return [marked.text for marked in marked_messages(tmp_path)]

    return found


def test_english_is_the_message_itself(known):
    """An English reader sees the message with its parameters."""
    assert "there is no plan `a-1`" == ENGLISH.text(Phrase("there is no plan `{plan}`", {"plan": "a-1"}))


@pytest.mark.parametrize(("count", "said"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), ("1", "1 file")])
def test_english_counts_one_thing_in_the_singular(count, said):
    """`{count|file|files}` is the first word for one, else the second."""
    assert said == ENGLISH.text(Phrase("{count} {count|file|files}", {"count": count}))


def test_vietnamese_comes_from_the_catalogue(known):
    """A Vietnamese reader sees the translation with the same parameters."""
    assert "không có kế hoạch `a-1`" == VIETNAMESE.message("there is no plan `{plan}`", plan="a-1")


def test_a_phrase_that_brings_its_vietnamese_needs_no_entry(known):
    """The Vietnamese of a plugin's phrase is taken from the phrase."""
    phrase = Phrase("round {n} is open", {"n": 2}, vi="đợt {n} đang mở")

    assert "đợt 2 đang mở" == VIETNAMESE.text(phrase)
    assert "round 2 is open" == ENGLISH.text(phrase)


def test_a_message_without_translation_is_shown_in_english(known):
    """A missing translation never hides the message."""
    assert "something new" == VIETNAMESE.message("something new")


@pytest.mark.parametrize(
    ("value", "english", "vietnamese"),
    [
        (Phrase("there is no plan `{plan}`", {"plan": "b"}), "there is no plan `b`", "không có kế hoạch `b`"),
        (Text(vi="Dự thảo", en="Draft"), "Draft", "Dự thảo"),
        (date(2019, 4, 15), "2019-04-15", "15/04/2019"),
        (("a", Text(vi="b")), "a, b", "a, b"),
        (3, "3", "3"),
    ],
)
def test_parameters_are_shown_in_the_same_language(known, value, english, vietnamese):
    """Phrases, texts, days and lists among the parameters are rendered for the same reader."""
    phrase = Phrase("{value}", {"value": value})

    assert (english, vietnamese) == (ENGLISH.text(phrase), VIETNAMESE.text(phrase))


def test_a_definition_without_english_is_shown_in_vietnamese():
    """A title without an English twin is shown as it is in both languages."""
    assert ("Họp", "Họp") == (ENGLISH.words(Text(vi="Họp")), VIETNAMESE.words(Text(vi="Họp")))


@pytest.mark.parametrize(
    ("explicit", "environ_value", "locale", "language"),
    [
        ("vi", "en", "en_US.UTF-8", "vi"),
        ("en", "vi", "vi_VN.UTF-8", "en"),
        (None, "vi", "en_US.UTF-8", "vi"),
        (None, "en", "vi_VN", "en"),
        (None, None, "vi_VN.UTF-8", "vi"),
        (None, None, "Vietnamese_Vietnam.1258", "vi"),
        (None, "", "vi-VN", "vi"),
        (None, "fr", "vi_VN", "vi"),
        (None, None, "C.UTF-8", "en"),
        (None, None, None, "en"),
        (None, None, "vie", "en"),
    ],
)
def test_option_comes_before_environment_and_locale(explicit, environ_value, locale, language):
    """The first that says English or Vietnamese counts; English if none does."""
    assert language == language_from(explicit, environ_value, locale)


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ('N_("marked")', ["marked"]),
        ('raise Refused("no " "way")\nclass Refused(WorkflowError): pass', ["no way"]),
        ('raise errors.Late("late", hint="hurry")\nclass Late(Refused): pass\nclass Refused(WorkflowError): pass',
         ["late", "hurry"]),
        ('Phrase("one" if n == 1 else "many", {})', ["one", "many"]),
        ('Phrase(f"{n} things")', [None]),
        ('Phrase("a" + b)', [None]),
        ("Phrase(text)", []),
        ('Phrase("mine", {}, vi="của tôi")', []),
        ('ValueError("for programmers")', []),
    ],
)  # fmt: skip
def test_messages_are_found_in_the_sources(source, text, messages):
    """Every literal given to a marker, a phrase or an error is a message; one put together is a fault."""
    assert messages == source(text)


def test_every_message_has_its_vietnamese():
    """No message of the engine lacks a translation, and none is put together where it is raised."""
    assert () == missing(CORE)


def test_translations_keep_the_places():
    """A translation has exactly the parameters of its message."""
    differing = {
        msgid: msgstr
        for msgid, msgstr in translations("vi").items()
        if sorted(set(PLACE.findall(msgid))) != sorted(set(PLACE.findall(msgstr)))
    }

    assert {} == differing


def test_every_place_of_a_message_is_filled():
    """Whoever raises an error with a literal message also gives a value for each of its places."""
    empty = []
    for path in sorted(CORE.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant):
                given = names_given(call)
                places = set(PLACE.findall(str(call.args[0].value)))
                if given is not None and places - given:
                    empty.append(f"{path.name}:{call.lineno}: {sorted(places - given)}")

    assert [] == empty


def names_given(call: ast.Call) -> set[str] | None:
    """Places that the arguments of an error or phrase fill; None for other calls and computed arguments."""
    name = ast.unparse(call.func).rsplit(".", 1)[-1]
    if name == "Phrase":
        given = call.args[1] if len(call.args) > 1 else None
        # Without a mapping the phrase is a form that somebody fills later.
        if not isinstance(given, ast.Dict) or None in given.keys:
            return None
        return {"{" + key.value + "}" for key in given.keys if isinstance(key, ast.Constant)}
    if not isinstance(getattr(errors, name, None), type) or None in (keyword.arg for keyword in call.keywords):
        return None
    # `text` is the message itself: a value of that name cannot be given.
    return {"{" + str(keyword.arg) + "}" for keyword in call.keywords if keyword.arg != "text"}


def test_the_catalogue_has_nothing_that_nobody_says():
    """Every entry of the catalogue is a message of the sources."""
    said = {marked.text for marked in marked_messages(CORE)}

    assert [] == sorted(set(translations("vi")) - said)


def test_the_catalogue_is_clean():
    """No entry is fuzzy, empty, said twice or written in decomposed characters."""
    text = Path(catalogue_file("vi")).read_text("utf-8")
    with open(catalogue_file("vi"), "rb") as stream:
        entries = [entry for entry in read_po(stream, locale="vi", abort_invalid=True) if entry.id]

    assert unicodedata.normalize("NFC", text) == text
    assert [] == [entry.id for entry in entries if entry.fuzzy or not entry.string]
    assert len(entries) == text.count("\nmsgid ") - 1


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ('msgid "a"\nmsgstr "á"\n', {"a": "á"}),
        ('msgid ""\n"a "\n"b"\nmsgstr "á"\n" "\n"bê"', {"a b": "á bê"}),
        ('msgid "say \\"a\\"\\n"\nmsgstr "nói \\"a\\" \\\\n"', {'say "a"\n': 'nói "a" \\n'}),
        ('#: a.py\n#, fuzzy\nmsgid "a"\nmsgstr "á"\n\nmsgid "b"\nmsgstr "bê"', {"b": "bê"}),
        ('#, python-brace-format\nmsgid "a"\nmsgstr "á"\n#~ msgid "b"\n#~ msgstr "bê"', {"a": "á"}),
        ('msgid "a"\nmsgstr ""', {}),
    ],
)
def test_plain_entries_are_read_as_babel_reads_them(text, entries):
    """Wrapped, escaped, fuzzy, obsolete and untranslated entries mean what they mean to Babel."""
    by_babel = read_po(text.encode().splitlines(keepends=True), locale="vi", charset="utf-8")

    assert entries == plain_entries(text)
    assert entries == {entry.id: entry.string for entry in by_babel if entry.id and entry.string and not entry.fuzzy}


def test_the_catalogue_is_read_as_babel_reads_it():
    """Reading the catalogue by ourselves loses and changes nothing."""
    with open(catalogue_file("vi"), "rb") as stream:
        by_babel = {entry.id: entry.string for entry in read_po(stream, locale="vi") if entry.id}

    assert by_babel == translations("vi")


@pytest.mark.parametrize(
    "text",
    [
        'msgctxt "stage"\nmsgid "a"\nmsgstr "á"\n',
        'msgid "a"\nmsgid_plural "as"\nmsgstr[0] "á"\n',
        'msgid "\\x41"\nmsgstr "á"\n',
        'msgid "b"\nmsgstr "bê khác"\n',
    ],
)
def test_anything_but_plain_entries_is_left_to_babel(text, tmp_path, monkeypatch):
    """A catalogue with contexts, plurals, rare escapes or doubled messages is refused by us and read all the same."""
    path = tmp_path / "workflow.po"
    path.write_text('msgid "b"\nmsgstr "bê"\n\n' + text, "utf-8")
    monkeypatch.setattr("workflow.catalogue.catalogue_file", lambda language: str(path))

    with pytest.raises(ValueError, match="no plain entry"):
        plain_entries(path.read_text("utf-8"))
    assert "bê" == translations.__wrapped__("vi")["b"]


def test_missing_lists_each_message_once(tmp_path, known):
    """The list names the first place of each message without translation."""
    (tmp_path / "sample.py").write_text('N_("new")\nN_("new")\nN_("there is no plan `{plan}`")\n', "utf-8")

    assert (Marked("sample.py", 1, "new"),) == missing(tmp_path)


def test_the_tool_exits_with_one_where_a_message_lacks_its_vietnamese(known, capsys):
    """`missing` prints file, line and message."""
    assert 1 == main(["missing"])
    assert "catalogue" not in capsys.readouterr().out


def test_the_tool_explains_itself():
    """Any other word is wrong usage."""
    assert 2 == main(["extract"])
