"""A bad plugin: a calendar whose offices never open."""

from workflow import hookimpl


class Never:
    """Always a day off."""

    name = "never"
    version = "1"

    def is_working_day(self, day):  # <- 18
        """No."""
        return False


@hookimpl
def calendars():
    """Supply it."""
    return (Never(),)
