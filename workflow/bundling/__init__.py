"""Bundles for somebody outside: parts of the record in one file that `workflow/verifier.py` checks."""
