"""What PostgreSQL's and its driver's errors mean, in our words.

A server says a code with each error (Appendix A of its manual), except while a connection is being
made: then there is only its sentence, which may be in any language.
"""

from __future__ import annotations

import psycopg

from workflow.errors import StorageUnusable
from workflow.store.backend import Doubt

_NO_SUCH_DATABASE = "3D000"
_NO_RIGHT = {"42501", "25006", "28000", "28P01", "0LP01"}
_FULL = {"53100"}
_CROWDED = {"53300"}
_NOT_NOW = {"57P03"}
_BUSY = {"40001", "40P01", "55P03", "57014", "53200", "25P03"}
_DAMAGED = {"XX001", "XX002"}


def unusable(error: Exception, place: str, doubt: Doubt | None) -> StorageUnusable:
    """Return what *error* of an open connection means for somebody who uses the database at *place*."""
    code = getattr(error, "sqlstate", None) or ""
    if isinstance(error, psycopg.OperationalError) and (not code or code[:2] in ("08", "57") and code != "57014"):
        return _lost(place, doubt)
    detail = _first_line(error)
    if code in _FULL:
        return StorageUnusable(
            "The disk of {path} is full; nothing was written.",
            code="disk-full",
            hint="Make room and try again.",
            path=place,
        )
    if code in _NO_RIGHT:
        return StorageUnusable(
            "{path} does not let you do this: {detail}.",
            code="storage-no-right",
            hint="Ask whoever keeps the database for the right.",
            path=place,
            detail=detail,
        )
    if code in _BUSY:
        return StorageUnusable(
            "{path} was too busy, and nothing was written: {detail}.",
            code="storage-busy",
            hint="Try again.",
            path=place,
            detail=detail,
        )
    if code in _DAMAGED:
        return StorageUnusable(
            "{path} is damaged: {detail}.",
            code="storage-damaged",
            hint="Restore a backup.",
            path=place,
            detail=detail,
        )
    return StorageUnusable(
        "{path} cannot be used: {detail}.", hint="Look into the server's log.", path=place, detail=detail
    )


def unreachable(error: psycopg.Error, place: str) -> StorageUnusable:
    """Return why no connection to the database at *place* came about."""
    code, said = error.sqlstate or "", str(error)
    detail = _first_line(error)
    if code == _NO_SUCH_DATABASE or ("FATAL" in said and "database" in said and "does not exist" in said):
        return StorageUnusable(
            "There is no database {path}.",
            code="storage-missing",
            hint="Make it with `createdb`, or name another with --database.",
            path=place,
        )
    # Clients of the server, or connections of one role or database.
    if code in _CROWDED or "too many c" in said or "remaining connection slots" in said:
        return StorageUnusable(
            "{path} has no room for one more: {detail}.",
            code="storage-busy",
            hint="Try again; whoever keeps the server can raise `max_connections`.",
            path=place,
            detail=detail,
        )
    if code in _NOT_NOW or "the database system is" in said:
        return StorageUnusable(
            "{path} cannot be used just now: {detail}.",
            code="storage-busy",
            hint="Try again.",
            path=place,
            detail=detail,
        )
    # What comes from the server has its severity in front; what comes from here has not.
    if "FATAL:" in said or "fe_sendauth" in said or "no password" in said or code in _NO_RIGHT:
        return StorageUnusable(
            "{path} does not let you in: {detail}.",
            code="storage-no-right",
            hint="Look at the name, and at the password in PGPASSWORD or in the file ~/.pgpass.",
            path=place,
            detail=detail,
        )
    return StorageUnusable(
        "No PostgreSQL server answers for {path}: {detail}.",
        code="storage-unreachable",
        hint="Look at host and port, and whether the server runs.",
        path=place,
        detail=detail,
    )


def _lost(place: str, doubt: Doubt | None) -> StorageUnusable:
    if doubt is None:
        return StorageUnusable(
            "The connection to {path} broke; nothing was written.",
            code="connection-lost",
            hint="Try again.",
            path=place,
        )
    hint = (
        "Look with `workflow audit show {plan}` whether it was. "
        "A command with --request-id ID can be given again: it tells, and does nothing twice."
    )
    if doubt.request_id is not None:
        hint = "Give the same command again with --request-id {request}: it tells, and does nothing twice."
    return StorageUnusable(
        "The connection to {path} broke while this was being written: it is wholly done, or not at all.",
        code="connection-lost",
        hint=hint,
        path=place,
        plan=doubt.chain,
        request=doubt.request_id or "",
    )


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].removeprefix("connection failed: ").rstrip(".") if lines else type(error).__name__
