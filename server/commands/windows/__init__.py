"""Assessment windows: whether the marks of a course may be entered, and who changes that."""
