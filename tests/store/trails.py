"""The contract's sentences on the trail over all chains: in the order of recording, and along what events share."""

from __future__ import annotations

from typing import Any

import pytest
from store.rows import change, event

from workflow.audit import canonical_json
from workflow.messages import ATTEMPT_REFUSED, WORKSPACE_CHAIN
from workflow.store.trails import BEGINNING, about_rows


def body(
    plan: str, type: str = "step_acted", /, *, ref: str = "so-a", on_behalf: str | None = None, **data: Any
) -> bytes:
    """The canonical bytes of an event, as far as what it is about stands in them."""
    said = {"plan": plan, "type": type, "authority": {"ref": ref}, "on_behalf": on_behalf, "data": data}
    return canonical_json(said)


def at(second: int) -> str:
    """An instant."""
    return f"2026-03-02T01:00:{second:02}.000000Z"


class Trails:
    """What the walks over all chains promise."""

    @pytest.fixture
    def recorded(self, store):
        """Three plans, recorded in turns, and a refusal."""
        store.write(change("b", events={"recorded_at": at(1), "body": body("b", ref="so-b")}))
        store.write(change("a", events={"recorded_at": at(2), "body": body("a", on_behalf="so-b"), "actor": "binh"}))
        store.write(
            change("c", events={"recorded_at": at(2), "type": "plan_created", "body": body("c"), "actor": None})
        )
        refusal = {"plan": "a", "code": "refused"}
        store.append_workspace(
            [
                event(
                    WORKSPACE_CHAIN,
                    1,
                    body=body(WORKSPACE_CHAIN, ATTEMPT_REFUSED, ref="", **refusal),
                    recorded_at=at(3),
                    type=ATTEMPT_REFUSED,
                    actor="binh",
                )
            ]
        )
        return store

    def test_a_walk_is_in_the_order_of_recording(self, recorded):
        """Events of one instant are ordered by plan; the key of the last is where the next page begins."""
        whole = [(row.recorded_at, row.plan, row.seq) for row in recorded.trail()]
        assert ["b", "a", "c", WORKSPACE_CHAIN] == [plan for _, plan, _ in whole]

        assert whole == list(recorded.trail_keys())
        assert whole[2:] == list(recorded.trail_keys(after=whole[1]))
        assert whole[:2] == list(recorded.trail_keys(limit=2))
        assert whole[:1] == list(recorded.trail_keys(until=at(1)))

    @pytest.mark.parametrize(
        ("along", "value", "plans"),
        [
            ("actor", "an", ["b"]),
            ("actor", "binh", ["a", WORKSPACE_CHAIN]),
            ("type", "plan_created", ["c"]),
            ("subject", "unit:so-b", ["b", "a"]),
            ("subject", "plan:a", [WORKSPACE_CHAIN]),
            ("subject", "unit:so", []),
        ],
    )
    def test_a_walk_meets_only_what_was_asked_for(self, recorded, along, value, plans):
        """By the person who acted, by type, or by what an event is about."""
        assert plans == [row.plan for row in recorded.trail(along, value)]
        assert plans == [plan for _, plan, _ in recorded.trail_keys(along, value)]

    def test_documents_and_files_are_subjects(self, store):
        """A document by its id where a revision of it is made, sent or approved; a file by its hash."""
        facts = {
            "attachments": [{"name": {"text": "x"}, "sha256": "ab", "size": 1}],
            "revisions": [{"document": "decision", "files": ["ab", "cd"]}],
            "sent": [{"document": "decision", "files": ["cd"], "to": ["so-b"]}],
            "approved": [{"document": "report", "number": 1, "revision": 1}],
        }
        store.write(change("p", events={"body": body("p", **facts)}))

        assert ["document:ab", "document:cd", "document:decision", "document:report"] == store.subjects("document:")
        assert ["document:ab"] == store.subjects("document:", 1)
        assert ["document:report"] == store.subjects("document:r")
        assert ["unit:so-a"] == store.subjects("unit:")

    def test_what_events_are_about_is_what_their_bytes_say(self, recorded):
        """The rows beside the events are those that can be worked out from the events alone."""
        expected = sorted(about_rows(recorded.trail()))

        assert expected == list(recorded.about())
        assert expected[2:] == list(recorded.about(after=expected[1]))
        assert expected[:1] == list(recorded.about(after=("", *BEGINNING), limit=1))

    @pytest.mark.parametrize("odd", [b"", b"[]", b"{}", b'{"plan":1,"data":[]}', b"\xff"])
    def test_bytes_that_are_no_event_are_about_nothing(self, store, odd):
        """They are stored like others, for verification to find."""
        store.write(change("p", events={"body": odd}))

        assert [] == list(store.about())
