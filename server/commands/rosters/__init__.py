"""Bulk writes of a school's people, classes and enrolments by their source system: room of the commands and their checks."""
