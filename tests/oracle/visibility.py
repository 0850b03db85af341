"""What one asker may see: cell by cell, whether a row exists, and why a value is withheld."""

from __future__ import annotations

from collections.abc import Iterator

from server.policies.vocabulary import CONDITIONS, DENY_ONLY_SCOPES
from tests.oracle.asker import Asker
from tests.oracle.enforcing import Books, Who
from tests.oracle.relations import OF_A_LEARNER, Relations, closed
from tests.oracle.rows import Rows
from tests.oracle.things import Thing

LINES = ("grade", "target", "comment")
# The elements of which one must be readable for a row to exist.
EXISTENCE: dict[str, tuple[str, ...]] = {
    "Learner": ("name",),
    "Guardian": ("guardian_name",),
    "Staff": ("staff_name",),
    "Mark": ("mark",),
    "MarkPart": ("mark",),
    "MarkVersion": ("mark",),
    "MarkModeration": ("mark",),
    "Grade": ("grade",),
    "GradeVersion": ("grade",),
    "Target": ("target",),
    "TargetVersion": ("target",),
    "Forecast": ("forecast",),  # a fact of no type of its own: estimates and confirmations
    "BehaviourEvent": ("behaviour",),
    "MarkbookRow": ("groups",),
    "Report": LINES,
    "ReportLine": LINES,
    "AuditEntry": ("audit",),
    "AccessSummaryLine": ("access_summary",),
}
STRUCTURE = ("school_structure",)
TRAINED = frozenset(word for word in CONDITIONS if word.startswith("trained:"))
STATED = frozenset(word for word in CONDITIONS if word == "reason" or word.startswith("purpose:"))


def existence(type_name: str) -> tuple[str, ...]:
    return EXISTENCE.get(type_name, STRUCTURE)


class Visibility:
    """`compared` counts the cells that Casbin was asked about."""

    def __init__(self, rows: Rows, books: Books, asker: Asker) -> None:
        self._rows = rows
        self._books = books
        self.asker = asker
        self._relations = Relations(rows, asker.person_id)
        self.compared = 0

    def can(self, thing: Thing, element: str, action: str = "read") -> bool:
        """Casbin's answer for this cell."""
        self.compared += 1
        return self._books.enforce(self.asker.who, element, action, self._relations.of(thing))

    def exists(self, thing: Thing) -> bool:
        """Whether the row is there for the asker: not in a list, a count, a page or by its id otherwise."""
        if thing.type in OF_A_LEARNER:
            learner = self._relations.of_learner(thing.learner_id)
            if not self._books.enforce(self.asker.who, "name", "read", learner):
                return False
        if thing.type == "Report":
            return any(self.exists(line) for line in self._lines(thing))
        if thing.type == "Class" and thing.row.get("reveals") and not self._told(thing):
            return False
        return any(self.can(thing, element) for element in existence(thing.type))

    def _told(self, group: Thing) -> bool:
        """Whether the asker may read what a class tells: of everybody, or of a class taught."""
        taught = self._relations.teaches(group.row["class_id"])
        rels = closed({"taught"} if taught else ())
        return self._books.enforce(self.asker.who, group.row["reveals"], "read", rels)

    def _lines(self, report: Thing) -> Iterator[Thing]:
        for row in self._rows.where("report_line", report_id=report.row["report_id"]):
            yield Thing("ReportLine", row, report.day, report)

    def possible(self, element: str, action: str = "read") -> bool:
        """Whether the asker may do it on any row at all."""
        return self._books.possible(self.asker.who, element, action)

    def anyone(self, who: Who, element: str) -> bool:
        """Whether someone else could read the element on some row."""
        return self._books.possible(who, element, "read")

    def covers(self, wide: tuple[str, str], narrow: tuple[str, str]) -> bool:
        return self._books.covers(self.asker.who, wide, narrow)

    def open_to_everybody(self, element: str) -> bool:
        """Whether it may be read of everybody but one's family and those whose data is restricted."""
        return self._books.open_but(self.asker.who, element, "read", frozenset({"restricted", "self_family"}))

    def counts_everybody(self, element: str) -> bool:
        """Whether it may be counted of everybody but those whose data is restricted."""
        return self._books.open_but(self.asker.who, element, "count", frozenset({"restricted"}))

    def duties(self, element: str, action: str = "read") -> frozenset[str]:
        return self._books.duties(self.asker.who, element, action)

    def reason(self, thing: Thing, element: str) -> str:
        """Why an element of the row is withheld, from rules and relations alone; what protects a person has no say."""
        rels = self._relations.of(thing)
        bare = closed(rels - DENY_ONLY_SCOPES.keys())
        who = self.asker.who
        if self._books.enforce(who, element, "read", bare):
            return "OUT_OF_SCOPE"
        for reason, facts in self._suppositions():
            if self._books.enforce(who.supposing(facts), element, "read", bare):
                return reason
        for facts in ({"published"}, {"released"}, {"published", "released"}):
            if self._books.enforce(who, element, "read", closed(bare | facts)):
                return "NOT_PUBLISHED"
        supposed = (who, *(who.supposing(facts) for _, facts in self._suppositions()))
        return "OUT_OF_SCOPE" if any(self._on_some_row(one, element) for one in supposed) else "NOT_PERMITTED"

    @staticmethod
    def _suppositions() -> tuple[tuple[str, frozenset[str]], ...]:
        """In the order in which they help: a certificate, a reason or purpose, both."""
        return (
            ("TRAINING_REQUIRED", TRAINED),
            ("REASON_REQUIRED", STATED),
            ("TRAINING_REQUIRED", TRAINED | STATED),
        )

    def _on_some_row(self, who: Who, element: str) -> bool:
        return self._books.possible(who, element, "read")
