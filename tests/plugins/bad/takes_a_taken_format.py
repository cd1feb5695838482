"""A bad plugin: it supplies a format of exports that there is already."""

from workflow import Exporter, Text, hookimpl


def write(view, out):  # <- 03
    """Write nothing of use."""
    for plan in view.plans():
        out.write(f"{plan.id}\n".encode())


@hookimpl
def exporters():
    """Supply it."""
    return (Exporter("csv", Text(vi="Bảng", en="Table"), ".csv", write),)
