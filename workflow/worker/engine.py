"""DBOS Transact, as far as the worker uses it: one short durable workflow for each try of an effect.

What was designed around, seen in DBOS 3.4:

- the application version is a constant: left alone it is a hash of the source, and work that an older
  program queued would never run;
- values are stored as portable JSON; nothing of a payload is among them, only an effect's key;
- workflows are short: pauses between tries are due rows of the outbox, never a sleep;
- another executor's work cannot be taken over: the outbox's rows are queued anew, under the next try;
- its SQLite file is its own, and nothing is queued inside a transaction of ours: it would wait on itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from workflow.errors import InvalidInput, StorageUnusable

APPLICATION: Final = "trinh"
VERSION: Final = "1"
"""Raised only when workflows that an older program queued cannot be run by this one."""
QUEUE: Final = "effects@"
"""Each worker has a queue of its own: what it took in hand nobody else starts, and may not die with."""
SCHEMA: Final = "workflow_worker"
"""Of its tables on PostgreSQL, beside ours."""
FILE: Final = "worker.db"
_POLL = 0.2
_UNDER_WAY = ["PENDING", "ENQUEUED", "DELAYED"]
_CARRY_OUT, _TELL = "carry-out", "tell"
_KEPT = timedelta(days=7)
_PAGE = 500


def engine_url(database: str, root: Path) -> str:
    """Return where the engine keeps its tables: on the server of *database*, else in the workspace's own file."""
    return f"sqlite:///{(root / FILE).as_posix()}" if database.startswith("sqlite") else database


class Engine:
    """The durable queue of one worker. There can be one in a process.

    Args:
        url: See `engine_url`.
        worker: Id of this worker, new at each start.
        carry_out: Does one try (effect's id, number of the try) and returns how it ended as JSON-like
            values, None where the try is no longer wanted.
        tell: Keeps how a try ended, and returns the effect's state.

    Raises:
        InvalidInput: If DBOS is not installed.
        StorageUnusable: If its tables cannot be made or used.
    """

    def __init__(
        self,
        url: str,
        worker: str,
        concurrency: int,
        carry_out: Callable[[str, int], Mapping[str, Any] | None],
        tell: Callable[[str, int, Mapping[str, Any]], str],
    ) -> None:
        self._dbos = dbos = imported()
        self._queue = QUEUE + worker
        dbos.DBOS(
            config={
                "name": APPLICATION,
                "system_database_url": url,
                "dbos_system_schema": SCHEMA,
                "application_version": VERSION,
                "executor_id": worker,
                "serializer": dbos.DBOSPortableJSONSerializer(),
                # It reports failures with a traceback; they are told as the effect's.
                "log_level": "CRITICAL",
            }
        )

        def effect(id: str, tries: int) -> str:
            ended = dbos.DBOS.run_step({"name": _CARRY_OUT}, carry_out, id, tries)
            return "superseded" if ended is None else dbos.DBOS.run_step({"name": _TELL}, tell, id, tries, ended)

        self._workflow = dbos.DBOS.workflow(name="effect")(effect)
        dbos.DBOS.listen_queues([self._queue])
        try:
            dbos.DBOS.launch()
            dbos.DBOS.register_queue(self._queue, worker_concurrency=concurrency, polling_interval_sec=_POLL)
        except Exception as error:
            raise _unusable(url, error) from error

    def queue(self, key: str, id: str, tries: int) -> None:
        """Queue one try; queued under the same key twice it runs once."""
        with self._dbos.SetWorkflowID(workflow_id(key, tries)):
            self._dbos.DBOS.enqueue_workflow(self._queue, self._workflow, id, tries)

    def ended(self, key: str, tries: int) -> Mapping[str, Any] | None:
        """How a try ended that nobody could tell any more, because its worker was killed; None if it did not."""
        for step in self._dbos.DBOS.list_workflow_steps(workflow_id(key, tries)):
            if step["function_name"] == _CARRY_OUT:
                return step["output"]
        return None

    def tidy(self, living: Sequence[str]) -> None:
        """Cancel what nobody will end, and forget what ended long ago: the outbox's rows tell both."""
        dbos = self._dbos.DBOS
        queues = {QUEUE + worker for worker in living}
        found = dbos.list_workflows(status=_UNDER_WAY, limit=_PAGE, load_input=False, load_output=False)
        if lost := [each.workflow_id for each in found if each.queue_name not in queues]:
            dbos.cancel_workflows(lost)
        before = (datetime.now(UTC) - _KEPT).isoformat()
        old = dbos.list_workflows(completed_before=before, limit=_PAGE, load_input=False, load_output=False)
        if old:
            dbos.delete_workflows([each.workflow_id for each in old])
        for queue in dbos.list_queues():
            if queue.name.startswith(QUEUE) and queue.name not in queues:
                dbos.delete_queue(queue.name)

    def close(self) -> None:
        """Stop; what is under way is left where it is."""
        self._dbos.DBOS.destroy(destroy_registry=True)


def unserved(url: str) -> int:
    """Return how many tries another application version queued, which no worker of this one will run.

    Raises:
        InvalidInput: If DBOS is not installed.
        StorageUnusable: If its tables cannot be read, as where no worker ever ran.
    """
    dbos = imported()
    if url.startswith("sqlite") and not Path(url.removeprefix("sqlite:///")).is_file():
        return 0
    try:
        client = dbos.DBOSClient(
            system_database_url=url, dbos_system_schema=SCHEMA, serializer=dbos.DBOSPortableJSONSerializer()
        )
        try:
            found = client.list_workflows(status=_UNDER_WAY, limit=_PAGE, load_input=False, load_output=False)
        finally:
            client.destroy()
    except Exception as error:
        raise _unusable(url, error) from error
    return sum(1 for each in found if each.app_version != VERSION)


def _unusable(url: str, error: Exception) -> StorageUnusable:
    return StorageUnusable(
        "the worker's own tables cannot be used: {error}",
        code="worker-storage",
        hint="look at the rights on {place}",
        place=url if url.startswith("sqlite") else f"the schema {SCHEMA}",
        error=" ".join(str(error).split())[:300],
    )


def workflow_id(key: str, tries: int) -> str:
    """The first try has the effect's own key, later ones their number behind it."""
    return key if tries == 1 else f"{key}#{tries}"


def imported() -> Any:
    """Return the package, imported here and nowhere else.

    Raises:
        InvalidInput: If it is not installed.
    """
    try:
        import dbos
    except ImportError as error:
        raise InvalidInput(
            "carrying effects out needs the extra [worker], which is not installed",
            code="extra-missing",
            hint="install it with: pip install 'trinh[worker]'",
        ) from error
    return dbos
