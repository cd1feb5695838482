"""A plan's state as its events make it: the values that it consists of, and `evolve`."""
