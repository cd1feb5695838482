"""Seals: Merkle trees over the chains, signed notes, and the keys that sign them."""
