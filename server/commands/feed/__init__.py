"""Feeds of changes: what programs are told of a school, and how they hear that there is something to be told."""
