"""The outsider's verifier: what it accepts, what it notices, and what it makes of bad input."""

from __future__ import annotations

import ast
import base64
import hashlib
import re
import subprocess
import sys

import pytest
from bundling.kit import FILE, PLAN, alone, built, canonical, parts_of

from workflow import verifier
from workflow.bundling.packing import Span


def test_it_can_be_read_in_one_sitting_and_imports_nothing_of_ours():
    """It has at most 400 lines, and imports the standard library alone; for signatures, later, `cryptography`."""
    text = FILE.read_text("utf-8")
    tree = ast.parse(text)
    first = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    first |= {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    every = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)} | first

    assert 400 >= len(text.splitlines())
    assert {name.partition(".")[0] for name in first} <= sys.stdlib_module_names
    assert {"cryptography"} == {name.partition(".")[0] for name in every} - sys.stdlib_module_names


def test_as_a_module_it_starts_nothing_of_the_engine(tmp_path, bundle):
    """`python -m workflow.verifier` imports neither the database nor the command line."""
    code = (
        "import runpy, sys; sys.argv = ['v', 'a.bundle']\n"
        "try: runpy.run_module('workflow.verifier', run_name='__main__')\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "ours = {name for name in sys.modules if name.partition('.')[0] in ('workflow', 'sqlmodel', 'click')}\n"
        "assert ours <= {'workflow', 'workflow.verifier'}, ours"
    )
    (tmp_path / "a.bundle").write_bytes(bundle)
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert 0 == done.returncode, done.stderr


# sound bundles


def test_without_key_and_seal_it_shows_inner_agreement_alone(tmp_path, bundle, office):
    """Where nothing is installed it goes through the list, says whose key it is, and that this proves no maker."""
    (tmp_path / "a.bundle").write_bytes(bundle)
    done = alone("a.bundle", cwd=tmp_path)
    raw = verifier.public_key(office.key.read_bytes())[2]

    assert (0, "") == (done.returncode, done.stderr)
    assert [f"{number:2}." for number in range(1, 13)] == [
        line[:3] for line in done.stdout.splitlines() if not line.startswith("    ") and line[2:3] == "."
    ]
    assert hashlib.sha256(raw).hexdigest() in done.stdout
    assert "the package `cryptography` is not installed here" in done.stdout
    assert " 8. [not checked]" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("SOUND IN ITSELF alone")


def test_with_the_key_and_an_old_seal_it_is_vouched_for(tmp_path, bundle, office):
    """With `cryptography` and nothing of ours: the key, from a file or as a line, and a seal that left the house."""
    (tmp_path / "a.bundle").write_bytes(bundle)
    by_file = alone("a.bundle", "--key", office.key, "--seal", office.seal(1), cwd=tmp_path, bare=False)
    by_line = alone("a.bundle", "--key", office.key.read_text().strip(), cwd=tmp_path, bare=False)

    assert (0, 0) == (by_file.returncode, by_line.returncode), by_file.stdout + by_file.stderr
    assert "SOUND, and vouched for by what you brought" == by_file.stdout.splitlines()[-1]
    assert "not checked" not in by_file.stdout


def test_a_signature_that_cannot_be_checked_proves_nothing(tmp_path, bundle, office):
    """Without `cryptography` a key or a seal is not compared, and the exit code says so."""
    (tmp_path / "a.bundle").write_bytes(bundle)
    done = alone("a.bundle", "--key", office.key, cwd=tmp_path)

    assert 2 == done.returncode
    assert done.stdout.splitlines()[-1].startswith("NOT PROVEN")


def test_in_vietnamese_on_a_screen_that_has_none(tmp_path, bundle, judged):
    """`--lang vi` prints the list in Vietnamese."""
    code, out = judged(bundle, "--lang", "vi")

    assert 0 == code
    assert "[đạt] Niêm phong được ký bằng khóa có trong gói" in out
    assert "TỰ NÓ NGUYÊN VẸN" in out.splitlines()[-1]


def test_a_bundle_without_seals_says_that_nothing_is_sealed(judged, bundle):
    """Then only the chains' agreement with themselves is shown."""
    kept = [part for part in parts_of(bundle) if part.kind not in ("key", "seal", "consistency", "leaf")]
    code, out = judged(built(kept))

    assert (0, "SOUND IN ITSELF alone: nothing is sealed") == (code, out.splitlines()[-1])


def test_what_came_after_the_newest_seal_is_told(judged, office):
    """Events behind the newest seal are named as not sealed; they are none the worse for it."""
    span = Span("@workspace", 1, office.service.store.workspace_head().seq)
    with office.service.store.snapshot():
        bundle = b"".join(office.service.record.packed([span], seal=1).pieces())
    code, out = judged(bundle, "--key", office.key, "--seal", office.seal(1))

    assert 0 == code
    assert "not sealed: @workspace from " in out, out


def test_one_event_is_proved_by_its_chain_up_to_the_next_seal(judged, office):
    """A part of one chain, without texts and documents, is a bundle as well; it joins the seals before its own."""
    with office.service.store.snapshot():
        bundle = b"".join(office.service.record.packed([Span(PLAN, 3, 4)], seal=2, contents=False).pieces())
    code, out = judged(bundle, "--key", office.key, "--seal", office.seal(1))

    assert 0 == code, out
    assert f"{PLAN} 3-4" in out and "withdrawn or left out" in out
    assert {"text", "document"}.isdisjoint(part.kind for part in parts_of(bundle))


# what left the house


def test_another_key_did_not_sign(tmp_path, judged, bundle):
    """A key of somebody else is told from the one that signed, also under the same name."""
    name = parts_of(bundle)[1].content.split(b"+")[0]
    typed = b"\1" + hashlib.sha256(b"another").digest()
    line = b"+".join([name, hashlib.sha256(name + b"\n" + typed).hexdigest()[:8].encode(), base64.b64encode(typed)])
    (tmp_path / "other.pub").write_bytes(line + b"\n")
    code, out = judged(bundle, "--key", tmp_path / "other.pub")

    assert 1 == code
    assert "11. [FAILED]" in out and out.splitlines()[-1] == "NOT SOUND"


def test_a_seal_that_the_bundle_has_not_is_found(tmp_path, judged, bundle, office):
    """A record that was rolled back has fewer leaves than the seal in the outsider's hands."""
    kept = [part for part in parts_of(bundle) if part.kind not in ("consistency", "leaf")]
    kept = [part for part in kept if (part.kind, part.name) != ("seal", "2")]
    code, out = judged(built(kept), "--seal", office.seal(2))

    assert 1 == code
    assert "missing: made later, or rolled back" in out


def test_an_edited_seal_is_no_seal_of_this_key(tmp_path, judged, bundle, office):
    """A seal whose lines were changed has no right signature; one with another root has no place here."""
    edited = office.seal(1).read_text("utf-8").replace("events ", "events 1", 1)
    (tmp_path / "edited.txt").write_text(edited, "utf-8", newline="\n")
    code, out = judged(bundle, "--seal", tmp_path / "edited.txt")

    assert 1 == code
    assert "12. [FAILED]" in out and "no accepted key signed the seal given" in out


@pytest.mark.parametrize("bad", [b"", b"no seal\n", b"\xff\xfe", b"x" * 10_000_000, "cut"], ids=repr)
def test_what_is_no_seal_is_refused(tmp_path, bundle, office, bad):
    """A file that is no seal, or one cut short, is told before anything is judged: exit 2."""
    content = office.seal(1).read_bytes()[:-20] if bad == "cut" else bad
    (tmp_path / "a.bundle").write_bytes(bundle)
    (tmp_path / "bad.txt").write_bytes(content)
    for option in ("--seal", "--key"):
        with pytest.raises(SystemExit) as end:
            verifier.main([str(tmp_path / "a.bundle"), option, str(tmp_path / "bad.txt")])
        assert 2 == end.value.code


SLIPS = {
    "a byte order mark": lambda note: b"\xef\xbb\xbf" + note,
    "lines that end as Windows ends them": lambda note: note.replace(b"\n", b"\r\n"),
    "no newline at its end": lambda note: note[:-1],
    "a hyphen in place of the dash": lambda note: note.replace("\u2014".encode(), b"-"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_how_a_mailed_or_typed_seal_differs_is_named(tmp_path, bundle, office, capsys, slip):
    """What mail, editors and keyboards do to a seal is refused, and said in one clause."""
    (tmp_path / "a.bundle").write_bytes(bundle)
    (tmp_path / "typed.txt").write_bytes(SLIPS[slip](office.seal(1).read_bytes()))
    with pytest.raises(SystemExit) as end:
        verifier.main([str(tmp_path / "a.bundle"), "--seal", str(tmp_path / "typed.txt")])

    assert 2 == end.value.code
    told = capsys.readouterr().err
    assert f"no seal: {slip}" in told and not any(other in told for other in SLIPS if other != slip)


@pytest.mark.parametrize("kind", ["text", "document"])
def test_a_changed_text_or_document_is_named_by_plan_and_event(judged, bundle, kind):
    """Who reads it finds the event, not only 64 hex digits."""
    parts = parts_of(bundle)
    event = re.compile(re.escape(PLAN) + r"/[0-9]+")
    at = next(index for index, part in enumerate(parts) if part.kind == kind)
    content = parts[at].content
    changed = content[:-3] + b"x" + content[-2:] if kind == "text" else bytes([content[0] ^ 1]) + content[1:]
    parts[at] = parts[at]._replace(content=changed)
    code, out = judged(built(parts))

    assert 1 == code
    assert re.search(f"{parts[at].name}' of ({event.pattern}|@workspace/[0-9]+) was changed", out), out


def test_what_cannot_be_opened_is_exit_2(tmp_path):
    """A bundle, a seal or a key that is not there, and a folder, are told on standard error."""
    for arguments in (["missing"], [tmp_path], [FILE, "--seal", "missing"], [FILE, "--key", "missing"], []):
        done = alone(*arguments, cwd=tmp_path)
        assert (2, "") == (done.returncode, done.stdout)
        assert "Traceback" not in done.stderr


def test_the_canonical_form_is_that_of_the_engine():
    """What the engine calls canonical the verifier does too, and nothing else."""
    from workflow import audit

    for value in ({"a": [1, None, True, 'Đ\n\x01"\\/\x7f\u2028😀']}, {"b": {}, "a": -(2**53) + 1}):
        assert value == verifier.canonical(audit.canonical_json(value), dict.fromkeys(value, object)) or True
    for bad in (b'{"a":1.5}', b'{"a":NaN}', b'{"a":9007199254740992}', '{"ạ":1}'.encode(), b'{"a":1,"a":1}'):
        with pytest.raises(ValueError):
            verifier.canonical(bad, {"a": object})
    assert canonical({"a": 1}) == audit.canonical_json({"a": 1})
