"""Exports: what leaves the house in a format that a plugin writes, and what is left out of it."""
