"""Hostile texts: each is refused with a clear message, quickly, and never by a crash."""

from __future__ import annotations

import sys
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workflow.errors import WorkflowError
from workflow.language.loader import MAX_BYTES, load, load_path, parse
from workflow.language.problems import DefinitionInvalid

LIMIT = 10.0 if "coverage" in sys.modules else 2.0  # tracing each line takes several times as long
BOMB = b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n" % (c, c, *[c - 1] * 9) for c in b"bcdefghi"
)
MANY_ALIASES = b"a: &a x\nb: [" + b"*a, " * 200_000 + b"]\n"

HOSTILE = {
    "open brackets": (b"[" * 100_000, "too-deep", (1, 101)),
    "open braces": (b"a: " + b"{" * 100_000, "not-a-key", None),
    "nested mappings": (b"{a: " * 100_000, "too-deep", None),
    "brackets behind comments": (b"[ # ]\n" * 100_000, "too-deep", (101, 1)),
    "brackets in a quoted text, then more": (b"a: '[[['\nb: " + b"[" * 500, "too-deep", None),
    "dashes": (b"- " * 100_000, "too-deep", (1, 201)),
    "question marks": (b"? " * 50_000, "not-a-key", None),
    "indented mappings": (b"\n".join(b" " * i + b"a:" for i in range(700)), "too-deep", (101, 101)),
    "closing brackets": (b"]" * 100_000, "not-yaml", (1, 1)),
    "an alias bomb": (BOMB, "alias", (1, 4)),
    "many aliases": (MANY_ALIASES, "alias", (1, 4)),
    "an alias of itself": (b"a: &a [*a]\n", "alias", None),
    "an alias as a key": (b"a: &a x\n*a : b\n", "alias", None),
    "a merge key": (b"a: {b: c}\n<<: {d: e}\n", "merge-key", (2, 1)),
    "a custom tag": (b"a: !python/object/apply:os.system ['true']\n", "tag", (1, 4)),
    "a python tag": (b"!!python/object/new:os.system [true]\n", "tag", (1, 1)),
    "a known tag": (b"a: !!str 1\n", "tag", (1, 4)),
    "a tag on a key": (b"!!str a: 1\n", "tag", (1, 1)),
    "a duplicate key": (b"a: 1\nb: 2\na: 3\n", "duplicate-key", (3, 1)),
    "a duplicate key in another spelling": (b"a: 1\n\"\\x61\": 3\n", "duplicate-key", (2, 1)),
    "a mapping as a key": (b"{a: b}: c\n", "not-a-key", None),
    "a list as a key": (b"? [a]\n: b\n", "not-a-key", None),
    "a second document": (b"a: 1\n---\nb: 2\n", "second-document", (2, 1)),
    "a NUL byte": (b"a: 1\nb: x\x00y\n", "unprintable-character", (2, 5)),
    "an escaped NUL": (b'a: "x\\0y"\n', "unprintable-character", (1, 4)),
    "a bell": (b"a: \x07\n", "unprintable-character", (1, 4)),
    "Latin-1": ("a: 1\nb: Kế".encode() + b"\xe9\n", "wrong-encoding", (2, 6)),
    "a cut-off letter": ("a: ế".encode()[:-1], "wrong-encoding", (1, 4)),
    "a surrogate": (b"a: \xed\xa0\x80\n", "wrong-encoding", (1, 4)),
    "an escaped surrogate": (b'a: "\\ud800"\n', "not-yaml", None),
    "UTF-16": ("a: 1\n".encode("utf-16"), "wrong-encoding", (1, 1)),
    "UTF-16 without a mark": ("a: 1\n".encode("utf-16-le"), "unprintable-character", (1, 2)),
    "UTF-32": ("a: 1\n".encode("utf-32"), "wrong-encoding", (1, 1)),
    "a byte order mark": (b"\xef\xbb\xbfa: 1\n", "wrong-encoding", (1, 1)),
    "a tab": (b"a:\n\tb: 1\n", "not-yaml", (2, 1)),
    "an open quote": (b'a: "' + b"x" * 1000, "not-yaml", None),
    "no text": (b"", "empty-file", (1, 1)),
    "comments alone": (b"# nothing\n", "empty-file", (1, 1)),
    "a huge number": (b"a: " + b"9" * 100_000, "number-too-large", (1, 4)),
    "a number just too large": (b"a: 9007199254740992\n", "number-too-large", (1, 4)),
    "a binary file": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "wrong-encoding", (1, 1)),
    "50 MB": (b"a: " + b"x" * 50_000_000, "too-large", (1, 1)),
    "a directive": (b"%TAG ! tag:example.org,2019:\n---\na: !b c\n", "tag", None),
}  # fmt: skip


def refused(text: bytes) -> tuple[DefinitionInvalid, float]:
    """Parse a text that must be refused; return the refusal and the seconds it took."""
    start = time.perf_counter()
    with pytest.raises(DefinitionInvalid) as refusal:
        parse(text, "hostile.yaml")
    return refusal.value, time.perf_counter() - start


@pytest.mark.parametrize(("text", "code", "place"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_refused_with_its_place(text, code, place):
    """The refusal names what is wrong and where, within two seconds."""
    refusal, seconds = refused(text)
    first = refusal.problems[0]

    assert code == first.code
    assert place in (None, (first.line, first.column))
    assert seconds < LIMIT
    assert len(str(first)) < 500


def test_a_text_full_of_faults_is_answered_briefly():
    """However many faults a text has, the answer stays readable."""
    refusal, _ = refused(MANY_ALIASES)
    with pytest.raises(DefinitionInvalid) as refusal_of_keys:
        load(b"".join(b"k%d: 1\n" % number for number in range(50_000)), "hostile.yaml")

    assert len(refusal.problems) <= 100
    assert len(refusal_of_keys.value.problems) <= 100


@pytest.mark.parametrize(
    "text",
    [
        b"k%d: 1\n",
        b"? k%d\n",
        b"'k%d': &a%d x\n",
    ],
)
def test_the_largest_texts_are_answered_in_time(text):
    """A text at the size limit, whatever is wrong with it, is answered before a person wonders."""
    lines = (text.replace(b"%d", b"%d" % number) for number in range(1_000_000))
    whole, size = [], 0
    for line in lines:
        size += len(line)
        if size > MAX_BYTES:
            break
        whole.append(line)
    start = time.perf_counter()
    with pytest.raises(DefinitionInvalid):
        load(b"".join(whole), "hostile.yaml")

    assert time.perf_counter() - start < LIMIT


def test_a_large_file_is_not_read_to_its_end(tmp_path):
    """Of a file that is too large no more is read than shows it."""
    path = tmp_path / "large.yaml"
    with open(path, "wb") as file:
        file.truncate(2_000_000_000)
    start = time.perf_counter()
    with pytest.raises(DefinitionInvalid, match="cannot be used"):
        load_path(path)

    assert time.perf_counter() - start < LIMIT


@pytest.mark.parametrize("depth", [50, 99])
def test_what_people_write_is_not_too_deep(depth):
    """A hundred levels are allowed."""
    data, _ = parse(b"[" * depth + b"]" * depth, "deep.yaml")

    assert isinstance(data, list)


@given(st.binary(max_size=200))
@example(b"\xff")
@example(b"a: *")
@example(b"&a")
@example(b"!")
@example(b"? ")
@example(b"- a\nb")
@example(b"...\n")
@example(b"%YAML 9.9\n---\na: b")
def test_random_bytes_are_refused_or_read(text):
    """Whatever bytes a file holds, it is read or refused; nothing else is raised."""
    try:
        load(text, "random.yaml")
    except WorkflowError:
        return


@given(st.text(alphabet="ab:-?,[]{}&*!|>'\"%@#\n\t 1~<.\\éế\u0323", max_size=120))
@settings(max_examples=300)
def test_random_yaml_is_refused_or_read(text):
    """Whatever a text of YAML's own signs says, it is read or refused."""
    try:
        parse(text.encode(), "random.yaml")
    except WorkflowError:
        return


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["x", "2019-01-01", "os.system", "ế"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["title", "steps", "transitions", "with", "after", "vi"]), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = st.sampled_from(["workflow", "id", "version", "title", "stages", "alongside", "documents", "bases", "by", "zz"])


@given(st.dictionaries(KEYS, VALUES, max_size=6))
@settings(max_examples=300)
def test_any_shape_of_values_is_judged_without_failure(data):
    """Values of any kind in any place are told as problems of the text."""
    import yaml

    text = yaml.safe_dump(data, allow_unicode=True, default_flow_style=False)
    with pytest.raises(WorkflowError):
        load(text.encode(), "shape.yaml")
