"""The contract's sentences on texts, files and the workspace's own chain."""

from __future__ import annotations

from dataclasses import replace

import pytest
from store.rows import chain, change, event, file, text

from workflow.audit import GENESIS
from workflow.errors import InvalidInput, NotFound
from workflow.messages import WORKSPACE_CHAIN
from workflow.store.interface import DefinitionRow, RevisionLost

MIB = 2**20
DEFINITION = DefinitionRow(hash="d" * 64, id="sample", version=1, body=b"{}")


class Contents:
    """What is kept beside the plans."""

    @pytest.mark.parametrize("count", [0, 1, 5, 230])
    def test_texts_are_read_together(self, store, count):
        """Any number of texts is read at once; a key without a text is left out."""
        rows = tuple(text(f"văn bản {n}") for n in range(count))
        store.write(change(texts=rows))

        assert {row.key: row.text for row in rows} == store.texts([row.key for row in rows] + ["0" * 64] * bool(count))

    def test_the_same_text_may_come_again(self, store):
        """A text stored already stays as it is."""
        first = change(texts=(text("note"),))
        store.write(first)
        store.write(change(after=first.plan, texts=(text("note"),)))

        assert "note" == store.text(text("note").key).text

    @pytest.mark.parametrize("sizes", [(0,), (1,), (MIB,), (MIB + 1,), (700_000, 700_000, 700_000), (3 * MIB, 0, 5)])
    def test_a_file_is_stored_in_pieces(self, store, sizes):
        """Whatever pieces a file comes in, it is kept in pieces of one MiB and reads back the same."""
        pieces = [bytes([n + 1]) * size for n, size in enumerate(sizes)]
        sha256, source = file(*pieces)
        store.write(change(files=((sha256, source),)))
        read = list(store.file(sha256))

        assert b"".join(pieces) == b"".join(read)
        assert {MIB} >= {len(piece) for piece in read[:-1]}
        assert store.has_file(sha256)

    def test_a_file_that_changed_while_it_was_read_is_refused(self, store):
        """Bytes that do not have the announced hash undo the whole change."""
        with pytest.raises(InvalidInput, match="changed while it was read"):
            store.write(change(files=(("0" * 64, iter([b"x" * MIB, b"y"])),)))

        assert store.plan("p") is None
        assert not store.has_file("0" * 64)

    def test_a_file_that_is_too_large_is_refused(self, store):
        """More than 100 MiB are not taken in, and not read to the end either."""
        endless = iter(lambda: b"\0" * MIB, None)
        with pytest.raises(InvalidInput, match="larger than 100 MiB"):
            store.write(change(files=(("0" * 64, endless),)))

        assert store.plan("p") is None

    def test_a_file_stored_already_is_kept_once(self, store):
        """The same file handed in again, whole, is no error; a false one under its hash is."""
        sha256, source = file(b"abc")
        first = change(files=((sha256, source),))
        store.write(first)
        second = change(after=first.plan, files=(file(b"abc"),))
        store.write(second)
        with pytest.raises(InvalidInput):
            store.write(change(after=second.plan, files=((sha256, iter([b"abd"])),)))

        assert b"abc" == b"".join(store.file(sha256))

    def test_a_text_never_stands_in_for_a_file(self, store):
        """A file whose bytes are a text's salt and words lives beside that text."""
        note = text("note")
        store.write(change(texts=(note,)))

        assert not store.has_file(note.key)
        with pytest.raises(NotFound):
            store.file(note.key)
        store.append_workspace([event(WORKSPACE_CHAIN, 1)], files=[file(note.salt, b"note")])
        assert note == store.text(note.key)
        assert b"0123456789abcdefnote" == b"".join(store.file(note.key))

    def test_the_workspace_chain_grows_at_its_head(self, store):
        """Events behind the head are appended with what belongs to them."""
        note = text("lý do")
        first, second = chain(WORKSPACE_CHAIN, 2)
        store.append_workspace([first], definitions=[DEFINITION], files=[file(b"people")])
        store.append_workspace([second], texts=[note])

        assert second == store.workspace_head()
        assert [first, second] == list(store.events(WORKSPACE_CHAIN))
        assert DEFINITION == store.definition("d" * 64) == store.definition_version("sample", 1)
        assert store.has_file(file(b"people")[0])
        assert note == store.text(note.key)

    @pytest.mark.parametrize("start", [0, 2])
    def test_the_workspace_chain_is_appended_to_by_one(self, store, start):
        """Who linked to an older head, or to one that is not there, loses and writes nothing."""
        store.append_workspace(chain(WORKSPACE_CHAIN, 1))
        late = event(WORKSPACE_CHAIN, start + 1, previous=b"\2" * 32 if start else GENESIS)
        with pytest.raises(RevisionLost):
            store.append_workspace([late], definitions=[DEFINITION])

        assert 1 == store.workspace_head().seq
        assert [] == list(store.definitions())

    def test_the_workspace_event_must_follow_the_hash_of_the_head(self, store):
        """The right number on a foreign head loses too."""
        store.append_workspace(chain(WORKSPACE_CHAIN, 1))
        with pytest.raises(RevisionLost):
            store.append_workspace([event(WORKSPACE_CHAIN, 2, previous=b"\2" * 32)])

    def test_the_newest_workspace_event_of_a_type(self, store):
        """The newest event of a type is found behind later ones of other types."""
        types = ["people_loaded", "people_loaded", "attempt_refused"]
        previous = GENESIS
        for seq, type in enumerate(types, start=1):
            made = event(WORKSPACE_CHAIN, seq, previous, type=type)
            store.append_workspace([made])
            previous = made.hash

        assert 2 == store.latest_workspace_event("people_loaded").seq
        assert 1 == store.latest_workspace_event("people_loaded", before=2).seq
        assert store.latest_workspace_event("people_loaded", before=1) is None

    def test_a_definition_version_never_changes(self, store):
        """Other content under a version in use is refused; the same content again is not."""
        first, second, third = chain(WORKSPACE_CHAIN, 3)
        store.append_workspace([first], definitions=[DEFINITION])
        with pytest.raises(InvalidInput, match="already in use"):
            store.append_workspace([second], definitions=[replace(DEFINITION, hash="e" * 64)])
        store.append_workspace([second], definitions=[DEFINITION])
        newer = replace(DEFINITION, hash="e" * 64, version=2)
        store.append_workspace([third], definitions=[newer])

        assert [DEFINITION, newer] == list(store.definitions())
