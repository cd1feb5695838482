"""The definition language: its model, its reading from YAML with positions, its conditions and its picture."""
