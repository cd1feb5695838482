"""A bad plugin: an export has a time of its own, and another one the next time."""

from datetime import datetime

from workflow import Exporter, Text, hookimpl


def write(view, out):
    """Write when it is, and nothing of the plans."""
    out.write(datetime.now().isoformat().encode())  # <- 19


@hookimpl
def exporters():
    """Supply it."""
    return (Exporter("bad-times", Text(vi="Giờ xuất", en="Times"), ".txt", write),)
