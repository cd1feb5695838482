"""The definitions that come with the engine, as data; nothing here is code."""
