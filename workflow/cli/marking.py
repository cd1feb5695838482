"""Marks messages for the catalogue without importing the tree of errors.

`--help`, `--version` and completion stay within a quarter of what click alone costs; building the
dataclasses of `workflow.errors` would be half of that.
"""


def N_(message: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Mark *message* for the catalogue and return it unchanged."""
    return message
