"""A bad plugin: the name of its files could lead elsewhere."""

from workflow import Exporter, Text, hookimpl


def write(view, out):  # <- 19
    """Write the plans' names."""
    for plan in view.plans():
        out.write(f"{plan.id}\n".encode())


@hookimpl
def exporters():
    """Supply it."""
    return (Exporter("bad-names", Text(vi="Tên kế hoạch", en="Names"), "/../names", write),)
