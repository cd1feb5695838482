"""Databases with rows in every table, for what goes from one database to another."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from store.rows import change, effect, event, file, item, text

from workflow.store.effects import WorkerRow
from workflow.store.interface import DefinitionRow, DocumentRow, NumberRow
from workflow.store.places import backend_of
from workflow.store.seals import LeafRow, SealRow
from workflow.store.sides import TABLES, Side
from workflow.store.sql import SqlStore

NOTE = text("Kính gửi Ủy ban nhân dân tỉnh")
OF_A_UNIT = b'{"authority":{"ref":"unit"},"data":{"at":"%s"},"on_behalf":null,"plan":"@workspace","type":"t"}'


def filled(location: str | Path, plans: int = 3, *, mebibytes: int = 1) -> str | Path:
    """Fill a database with rows in every table, some of them as odd as rows can be; return its location."""
    data = bytes(range(256)) * 4096 * mebibytes + b"end"
    with closing(SqlStore(location)) as store:
        body = b'{"id":"sample"}'
        store.append_workspace(
            [event("@workspace", 1, body=OF_A_UNIT % str(location).encode())],
            definitions=[DefinitionRow("ab" * 32, "sample", 1, body)],
            files=[file(data)],
            texts=[NOTE],
        )
        for number in range(plans):
            plan = f"{number:04}-KH\\\t'\"%s\u1ed9"
            store.write(
                change(
                    plan,
                    count=3,
                    work_items=(item(plan), item(plan, key="b", owner=None, due_on=None, done_on="2019", open=False)),
                    effects=(effect(plan),),
                    documents=(DocumentRow(plan, 1, 0, file(data)[0], len(data), NOTE.key),),
                    numbers=(NumberRow("KH", 2019, number + 1, plan, 1, None),),
                    texts=(text(f"note {number}"),),
                )
            )
        seal = SealRow(1, 1, bytes(32), "một tờ niêm phong\n".encode(), "2019-04-01T01:02:03.000004Z")
        store.append_seal(seal, [LeafRow(0, "@workspace", 1, bytes(range(32)), 1)])
        store.beat(WorkerRow("w", "host", 1, "1", "2019", "2020", None))
    return location


def rows_of(location: str | Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, in the order of their keys."""
    with closing(Side(backend_of(location))) as side, side.snapshot():
        return {table.name: list(side.rows(table.name)) for table in TABLES}
