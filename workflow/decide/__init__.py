"""Deciding: a command on a plan's situation becomes events or a refusal. Pure."""
