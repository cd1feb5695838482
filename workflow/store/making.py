"""How a database gets to this program's schema.

A new database is made from the tables at once; an older one is taken through the migrations. A test
holds that both ways lead to the same schema. Alembic is imported for the second way only.
"""

from __future__ import annotations

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, inspect

from workflow.store import tables
from workflow.store.backend import Backend
from workflow.store.schema import VERSIONS

ALEMBIC_VERSION = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""As Alembic makes it."""


def create(connection: Connection, backend: Backend) -> None:
    """Make all tables, in the open transaction; another process may have been quicker."""
    if inspect(connection).has_table(ALEMBIC_VERSION.name):
        return
    tables.metadata.create_all(connection, checkfirst=False)
    backend.add_triggers(connection)
    ALEMBIC_VERSION.create(connection, checkfirst=False)
    backend.mark(connection)
    connection.execute(ALEMBIC_VERSION.insert().values(version_num=VERSIONS[-1]))


def upgrade(connection: Connection, backend: Backend) -> None:
    """Take the database through the migrations that it lacks, in the open transaction."""
    from workflow.store import migrations

    backend.mark(connection)
    migrations.run(connection)
