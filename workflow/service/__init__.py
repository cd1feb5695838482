"""The application service, the one writer, and the parts of it."""
