"""Seals: `audit seal`, `audit prove`, `audit key new`, `list` and `retire`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflow.cli.filing import STANDARD_OUTPUT, force, open_file, require_free, write_file
from workflow.cli.named import place_of
from workflow.cli.options import FILE, command, option
from workflow.cli.output import Screen
from workflow.cli.pick import may_ask
from workflow.cli.shapes import listing
from workflow.cli.verify import read_file
from workflow.errors import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workflow.cli.settings import Settings
    from workflow.sealing.keys import Keyring
    from workflow.sealing.record import KnownKey
    from workflow.store.seals import SealRow
    from workflow.views.plans import Write

_KEYED = "workflow audit key new --as van-thu\n"
_note = option("--note", metavar="TEXT", help=N_("A remark for the trail."))


def _write(settings: Settings, note: str | None = None) -> Write:
    from workflow.views.plans import Write

    return Write(actor=settings.acting(), note=note)


def _keyring(settings: Settings) -> Keyring:
    from workflow.sealing.keys import FOLDER, Keyring

    return Keyring(settings.opened.root / FOLDER)


# seals


@command(example=_KEYED + "workflow audit seal --as van-thu")
@option("--out", type=FILE, metavar="FILE", help=N_("Write the seal there, - for standard output (else into seals/)."))
@force
def seal(settings: Settings, out: Path | None, force: bool) -> None:
    """Sign that everything recorded so far was recorded, and write that to a small file.

    Print the file or mail it: who can write the database can change everything in it but what left the house.
    """
    from workflow.sealing import files

    screen, service, root = Screen(settings), settings.service, settings.opened.root
    write, last = _write(settings), service.store.last_seal()
    if out is None:
        files.require_free(root, last.number + 1 if last else 1)
    made = service.record.seal(_keyring(settings), lambda id: _passphrase_of(screen, id), write)
    if made is None:
        screen.say(N_("Nothing was recorded since the last seal: there is nothing to seal."))
    row = made or service.store.last_seal()
    assert row is not None
    if out is None:
        # Also where an earlier one was broken off before its file was written.
        path = files.keep(root, row)
    else:
        path = out
        write_file(path, row.note, screen.catalogue, force=force)
    if settings.as_json and path != STANDARD_OUTPUT:
        screen.json({"seal": _seal_shape(row, path), "new": made is not None})
        return
    text = N_("Seal {number} over {size} {size|leaf|leaves}: {path}")
    screen.say(text, number=row.number, size=row.size, path=path)
    if made is not None:
        screen.say(N_("Print this file, or send it to somebody outside: only what left the house proves anything."))


def _seal_shape(row: SealRow, path: Path) -> dict[str, Any]:
    return {
        "id": row.number,
        "size": row.size,
        "root": row.root.hex(),
        "at": row.at,
        "note": row.note.decode(),
        "file": str(path),
    }


# proofs


@command(
    example=_KEYED
    + "workflow audit seal --as van-thu\n"
    + "workflow audit prove @workspace 1 --seal seals/seal-000001.txt --out event-1.bundle"
)
@click.argument("plan")
@click.argument("seq", type=click.IntRange(1), required=False)
@option("--seal", "file", type=FILE, required=True, metavar="FILE", help=N_("The seal under which it is proved."))
@option("--out", type=FILE, metavar="FILE", help=N_("The file to write (else standard output)."))
@option(
    "--confidential",
    is_flag=True,
    help=N_("Confidential things too; people.yaml says under `confidential:` who may."),
)
@force
def prove(
    settings: Settings, plan: str, seq: int | None, file: Path, out: Path | None, confidential: bool, force: bool
) -> None:
    """Prove that event SEQ of PLAN stood in the record, as it is, when a seal was made.

    What is written has the events from it to the sealed one, without texts and documents; `verifier.py` checks it
    against the seal that was kept outside. That it was done is recorded.
    """
    from workflow.sealing import notes
    from workflow.views.plans import Write

    plan, seq = place_of(plan, seq)
    screen, path = Screen(settings), out or STANDARD_OUTPUT
    seal = notes.parse(read_file(file, notes.LONGEST))
    require_free(path, settings.catalogue, force=force)
    write = Write(actor=settings.reader)
    record = settings.service.record
    done = record.write_proof(plan, seq, seal, write, lambda: open_file(path), confidential=confidential)
    if path == STANDARD_OUTPUT:
        return
    if settings.as_json:
        screen.json({"path": str(path), "plan": done.chains[0], "seq": seq, "events": done.events, "seal": done.seal})
        return
    text = N_("Event {seq} of {plan} is proved under seal {seal}: {path}")
    screen.line(screen.words(text, seq=seq, plan=done.chains[0], seal=done.seal, path=path))


# keys


@command(example="workflow audit key new --as van-thu")
@_note
def new_key(settings: Settings, note: str | None) -> None:
    """Make a key that signs seals from now on.

    Its passphrase is asked for on a terminal, or taken from WORKFLOW_KEY_PASSPHRASE.
    """
    screen, keyring, write = Screen(settings), _keyring(settings), _write(settings, note)
    passphrase = _new_passphrase(screen)
    key = settings.service.record.add_key(keyring, write, passphrase)
    if passphrase is None:
        screen.say(
            N_("The key is not encrypted: whoever can read {path} can sign with it."), path=keyring.private_file(key.id)
        )
    if settings.as_json:
        screen.json({"id": key.id, "public": key.line(), "encrypted": passphrase is not None})
        return
    screen.line(screen.words(N_("Key {id} is made; it signs from now on."), id=key.id))
    screen.lines(key.line())
    screen.say(N_("Keep this line outside the house, with the seals: by it everybody can tell who signed."))


@command(example="workflow audit key list")
def list_keys(settings: Settings) -> None:
    """List the keys that sign, and those that were retired."""
    screen, keyring = Screen(settings), _keyring(settings)
    keys = settings.service.record.known_keys()
    if settings.as_json:
        screen.json(listing("keys", [_key_shape(key, keyring) for key in keys], None))
        return
    if not keys:
        screen.say(N_("There is no key yet; `workflow audit key new` makes one."))
        return
    headers = [N_("key"), N_("made on"), N_("by"), N_("retired on"), N_("private key")]
    rows = [
        (
            key.id,
            screen.day(key.added_at.date().isoformat()),
            key.added_by or "-",
            screen.day(key.retired_at.date().isoformat()) if key.retired_at else "-",
            screen.words(N_("here") if keyring.has(key.id) else N_("not here")),
        )
        for key in keys
    ]
    fingerprint = N_("fingerprint {hash}")
    below = [[key.public.line(), screen.words(fingerprint, hash=key.public.fingerprint)] for key in keys]
    screen.table(headers, rows, below=below)


def _key_shape(key: KnownKey, keyring: Keyring) -> Mapping[str, Any]:
    from workflow.audit import instant

    return {
        "id": key.id,
        "public": key.public.line(),
        "fingerprint": key.public.fingerprint,
        "active": key.is_active,
        "added_at": instant(key.added_at),
        "added_by": key.added_by,
        "retired_at": instant(key.retired_at) if key.retired_at else None,
        "here": keyring.has(key.id),
    }


@command(example="workflow audit key retire 1a2b3c4d --as van-thu")
@click.argument("id")
@_note
def retire_key(settings: Settings, id: str, note: str | None) -> None:
    """Let key ID sign no more; what it signed stays good."""
    settings.service.record.retire_key(id, _write(settings, note))
    screen = Screen(settings)
    if settings.as_json:
        screen.json({"id": id})
    else:
        screen.line(screen.words(N_("Key {id} is retired; its file can be destroyed."), id=id))


def _new_passphrase(screen: Screen) -> bytes | None:
    from workflow.sealing.keys import kept, passphrase_given

    given = passphrase_given()
    if given is None and may_ask():
        question = screen.words(N_("Passphrase for the new key (empty: none)"))
        again = screen.words(N_("The same once more"))
        given = kept(
            click.prompt(question, default="", show_default=False, hide_input=True, confirmation_prompt=again, err=True)
        )
    return given


def _passphrase_of(screen: Screen, id: str) -> bytes | None:
    from workflow.sealing.keys import kept, passphrase_given

    given = passphrase_given()
    if given is None and may_ask():
        question = screen.words(N_("Passphrase of key {id}"), id=id)
        given = kept(click.prompt(question, default="", show_default=False, hide_input=True, err=True))
    return given
