"""Tables of offices read as actions on a step: files, columns, cells, rows."""
