"""Questions to a workspace that change nothing."""
