"""What stands between the engine and plugins: which are loaded, whether they are sound, what is seen of their calls."""
