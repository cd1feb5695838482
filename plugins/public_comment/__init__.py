"""`uses: public-comment`: a draft stands on a portal for anybody's comments, and each gets an answer."""

from __future__ import annotations

from trinh_plugins.public_comment.step import PublicComment
from workflow import StepType, hookimpl


@hookimpl
def step_types() -> tuple[StepType, ...]:
    """Supply `uses: public-comment`."""
    return (PublicComment(),)
