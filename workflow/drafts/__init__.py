"""Drafts of documents: their texts read, listed and compared."""
