"""Whether a plugin keeps its side of the contract: numbered checks, each finding with file and line.

`plugin check` runs `running.check` here. The plugin itself is loaded and called in a process of its own
(`apart`), under a time limit: whatever it does, who asked gets an answer.
"""
