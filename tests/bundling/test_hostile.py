"""Files that are made to do harm: refused in words, in little memory, and nothing is written."""

from __future__ import annotations

import subprocess
import sys

from bundling.kit import FILE, Part, alone, built, edit, header, parts_of, summed


def hostile(bundle: bytes) -> dict[str, bytes]:
    """Files that are made to do harm, with what each is."""
    parts, first = parts_of(bundle), b"trinh-bundle 1\n"
    about = header("about", len(parts[0].content), "about") + parts[0].content + b"\n"
    deep = b"[" * 200_000 + b"]" * 200_000
    return {
        "nothing": b"",
        "a line end": b"\n",
        "another format": summed(b"trinh-bundle 2\n"),
        "no part": summed(first),
        "zeros": bytes(100_000),
        "a header without an end": summed(first + b"{" * 50_000_000),
        "a length that is huge": summed(first + header("about", 10**15, "about")),
        "a length that is below zero": summed(first + header("about", -1, "about")),
        "a length that is no number": summed(first + header("about", "1", "about")),
        "a length that is true": summed(first + header("about", True, "about") + b"x\n"),
        "a length without end": summed(first + b'{"kind":"about","length":' + b"9" * 900 + b',"name":"about"}\n'),
        "a length too small": summed(first + header("about", 10, "about") + parts[0].content + b"\n"),
        "JSON that is deep": summed(first + header("about", len(deep), "about") + deep + b"\n"),
        "JSON that is long": summed(first + header("about", 60_000_000, "about") + b" " * 60_000_000 + b"\n"),
        "JSON that swells": summed(first + header("about", 8_000_000, "about") + b"[" + b"[]," * 2_666_666 + b"]\n"),
        "another encoding": "trinh-bundle 1\n".encode("utf-16"),
        "a byte order mark": b"\xef\xbb\xbf" + bundle,
        "line ends of Windows": bundle.replace(b"\n", b"\r\n"),
        "a kind that is unknown": summed(first + about + header("program", 1, "x") + b"x\n"),
        "a path for a name": summed(first + header("../x", 1, "../../etc/x") + b"x\n"),
        "about twice": summed(first + about + about),
        "a plan called as a path": built(
            [parts[0].with_value(chains=[{**parts[0].value["chains"][0], "plan": "../x"}])]
        ),
        "an escape for the terminal": built([Part("about", "\x1b[2J\x1b]0;x\x07", b"{}")], counted=False),
        "what follows the sum": bundle + b"\n",
        "the bundle twice": bundle + bundle,
        "the sum in capitals": bundle[:-65] + bundle[-65:].upper(),
        "no shape": built([parts[0].with_value(chains=[1]), *parts[1:]]),
        "no data": built(edit("event", lambda part: part.with_value(data={"attachments": 5}))(parts)),
        "events that name a list": built(
            edit("event", lambda p: p.with_value(type="definition_added", data={"hash": [[]]}))(parts)
        ),
        "a seal of letters": built(edit("seal", lambda part: part._replace(name="x"))(parts)),
        "a seal without seals": built([part for part in parts if part.kind != "seal"]),
    }


def test_hostile_files_are_refused_in_little_memory_and_nothing_is_written(tmp_path, bundle):
    """Each is refused in words, within 400 MiB all told, and beside the files given nothing is made."""
    cases = hostile(bundle)
    # One process judges them all: to start one for each takes longer than all of this.
    for number, content in enumerate(cases.values()):
        (tmp_path / f"{number}.bundle").write_bytes(content)
    (tmp_path / "all.py").write_text(
        "import resource, sys, verifier\n"
        "resource.setrlimit(resource.RLIMIT_AS, (400 << 20,) * 2)\n"
        "for number in range(int(sys.argv[1])):\n"
        "    print('FILE', number, verifier.main([f'{number}.bundle']))\n"
    )
    before = {path.name for path in tmp_path.iterdir()} | {"verifier.py"}
    (tmp_path / "verifier.py").write_bytes(FILE.read_bytes())
    done = subprocess.run(
        [sys.executable, "-B", "all.py", str(len(cases))], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert 0 == done.returncode, done.stdout[-2000:] + done.stderr[-2000:]
    codes = [line.split()[2] for line in done.stdout.splitlines() if line.startswith("FILE")]
    assert {} == {name: code for name, code in zip(cases, codes, strict=True) if code != "1"}
    assert "\x1b" not in done.stdout
    assert before == {path.name for path in tmp_path.iterdir()}


def test_a_document_is_never_in_memory_as_a_whole(tmp_path, bundle):
    """A document of 300 MB is judged in 150 MiB; the file beneath it is sparse."""
    parts = parts_of(bundle)
    document = next(part for part in parts if part.kind == "document")
    big = tmp_path / "big.bundle"
    with big.open("wb") as file:
        file.write(b"trinh-bundle 1\n")
        for part in parts:
            length = 300_000_000 if part is document else len(part.content)
            file.write(header(part.kind, length, part.name))
            file.write(part.content)
            file.seek(length - len(part.content), 1)
            file.write(b"\n")
        file.write(b"0" * 64 + b"\n")
    done = alone("big.bundle", cwd=tmp_path, memory=150)

    assert 1 == done.returncode, done.stderr
    assert " 7. [FAILED]" in done.stdout and " 4. [ok]" in done.stdout
