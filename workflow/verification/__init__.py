"""Verification: the record checked against itself, as a numbered list that others can follow."""
