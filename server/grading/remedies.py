"""What a person does about a finding, in one sentence a code."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "ALLOWED_GRADE_3": "Compare it with the published table; it counts as it stands.",
        "BAD_BOUNDARIES": "Compare the figures with the published table.",
        "BAD_CHECKSUM": "Copy the digest again, or leave the word out.",
        "BAD_SPECIFICATION": "Compare the rules with the published specification.",
        "BOTH_TIERS": "Make one file for each tier.",
        "BOUNDARY_ABOVE_MAXIMUM": "Correct the boundary or the maximum.",
        "BOUNDARY_BELOW_ZERO": "Correct the boundary: it is 0 or more.",
        "BOUNDARY_WITHOUT_GRADE": "Add the grade to the specification, or leave the boundary out.",
        "CONVERSION_DISAGREES": "Compare it with the published table; the printed marks count.",
        "CSV_DISAGREES": "Correct one of the two files.",
        "DUPLICATE_CASE": "Give each case an id of its own.",
        "DUPLICATE_ROW": "Keep one of them.",
        "ELEMENTS_DISAGREE": "Compare it with the published table; the total counts.",
        "FILE_TOO_LARGE": "Leave out what is not needed, or divide it into several files and folders.",
        "GRADE_WITHOUT_BOUNDARY": "Give its boundary, or leave the grade out.",
        "INTERVAL_RULE": "Compare it with the published table; it counts as it stands.",
        "MALFORMED_CASE": "Write it as one JSON object in a line: kind, spec, input, expected.",
        "MALFORMED_CSV": "Save the table as CSV again, with the headings of the format.",
        "MALFORMED_FILE": "Correct it: docs/grading/specifications.md has the words.",
        "MALFORMED_JSON": "Correct it: a list of rows, as the format of packs has them.",
        "MALFORMED_ROW": "Correct the row: the format of packs has its fields.",
        "MAXIMUM_COMPUTED": "Give max_mark as it is published.",
        "MISSING_UNIT": "Correct the code, or add the unit.",
        "NOTIONAL_NOT_DESCENDING": "Compare them with the published table; they decide no grade.",
        "NOTIONAL_OUT_OF_RANGE": "Compare it with the published table; it decides no grade.",
        "NOT_CHECKED": "Have somebody else compare the sheet with the document, and sign.",
        "NOT_DESCENDING": "Correct one of the two: boundaries fall from the best grade to the lowest.",
        "NOT_UTF8": "Save it as UTF-8.",
        "NO_COMPONENTS": "Add the components, or grade totals only.",
        "NO_CONFIDENCE": "Say how sure the figures are.",
        "NO_GRADES": "List the grades, best first.",
        "NO_MAXIMUM": "Give max_mark as it is published.",
        "NO_PACK": "Name the folder that holds the files.",
        "NO_SOURCE": "Name the document that the figures were read in.",
        "POINTS_RULE": "Compare it with the published table; the printed points count.",
        "SERIES_DISAGREES": "Correct the id or the series.",
        "TIER_DISAGREES": "Correct the tier or the name.",
        "UNKNOWN_FORMAT": "Write format = 1.",
        "UNKNOWN_OPTION": "Name an entry code of the specification.",
        "UNKNOWN_SERIES": "Correct the series, or import the version of the specification that is valid in it.",
        "UNKNOWN_SPECIFICATION": "Import the specification first, or together with the series.",
        "UNKNOWN_WORD": "Correct the spelling, or leave the word out.",
        "UNREADABLE_FILE": "Put a plain file in its place that you may read.",
        "WEIGHTS_DO_NOT_SUM": "Correct a factor, a maximum or the subject's maximum.",
        "WEIGHTS_ROUNDED": "Give exact factors, such as 4/3, where the board states them.",
        "WRONG_SPECIFICATION": "Name the specification that the series belongs to.",
    }
)
"""Codes of findings on packs; a code of another part of the engine (BAD_NUMBER) says its remedy in its own sentence."""
