"""What is shown of a plan: plain values for people, plugins and papers."""
