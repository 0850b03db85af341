"""What all schools share: specifications, boundaries, code sets, and facts of this installation."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, RECORD, Row, UniqueConstraint, belongs, holds, holds_names, reference


class SpecificationRow(Row, table=True):
    """One immutable version of a qualification's rules, as canonical JSON of server.grading."""

    __tablename__ = "specification"
    __table_args__ = reference(
        UniqueConstraint("code", "version"), UniqueConstraint("digest"), key=("specification_id",)
    )
    specification_id: UUID = holds(KEY, UUID)
    code: str = holds_names("reference")
    version: int = holds("reference", int)
    board: str = holds_names("reference")
    title: str = holds_names("reference")
    qualification: str = holds_names("reference")
    digest: str = holds("reference", str)
    content: str = holds("reference", str)
    imported_at: datetime = holds(RECORD, datetime)


class BoundarySetRow(Row, table=True):
    """One immutable version of a series' boundaries for a specification."""

    __tablename__ = "boundary_set"
    __table_args__ = reference(
        belongs("specification_id", to="specification"),
        UniqueConstraint("specification_id", "series", "version"),
        UniqueConstraint("digest"),
        key=("boundary_set_id",),
    )
    boundary_set_id: UUID = holds(KEY, UUID)
    specification_id: UUID = holds(KEY, UUID)
    series: str = holds_names("reference")
    version: int = holds("reference", int)
    digest: str = holds("reference", str)
    source: str = holds("reference", str)
    confidence: str = holds("reference", str)
    content: str = holds("reference", str)
    imported_at: datetime = holds(RECORD, datetime)


class SignOffRow(Row, table=True):
    """Who entered and who checked a stored version, never changed: of a specification or of a boundary set, of one of them.

    `file_digest` is the SHA-256 of the file that said so, NULL where that was not kept.
    """

    __tablename__ = "sign_off"
    __table_args__ = reference(
        belongs("specification_id", to="specification"),
        belongs("boundary_set_id", to="boundary_set"),
        CheckConstraint("num_nonnulls(specification_id, boundary_set_id) = 1", name="sign_off_of_one"),
        CheckConstraint("num_nonnulls(entered_by, checked_by) > 0", name="sign_off_by_somebody"),
        key=("sign_off_id",),
    )
    sign_off_id: UUID = holds(KEY, UUID)
    specification_id: UUID | None = holds(KEY, UUID, optional=True)
    boundary_set_id: UUID | None = holds(KEY, UUID, optional=True)
    entered_by: str | None = holds_names("reference", optional=True)
    checked_by: str | None = holds_names("reference", optional=True)
    file_digest: str | None = holds_names("reference", optional=True)
    recorded_at: datetime = holds(RECORD, datetime)


class MeasureTableRow(Row, table=True):
    """One immutable version of a file that performance measures are reckoned from, as text; `name` is the file's."""

    __tablename__ = "measure_table"
    __table_args__ = reference(
        UniqueConstraint("name", "version"), UniqueConstraint("digest"), key=("measure_table_id",)
    )
    measure_table_id: UUID = holds(KEY, UUID)
    name: str = holds_names("reference")
    version: int = holds("reference", int)
    digest: str = holds_names("reference")
    content: str = holds("reference", str)
    imported_at: datetime = holds(RECORD, datetime)


class CodeRow(Row, table=True):
    __tablename__ = "code"
    __table_args__ = reference(key=("code_set", "code", "valid_from"))
    code_set: str = holds_names("reference")
    code: str = holds_names("reference")
    label: str = holds("reference", str)
    valid_from: date = holds("reference", date)
    valid_to: date | None = holds("reference", date, optional=True)


class SpecialElementRow(Row, table=True):
    """Which training opens which special-category element: what the wall on learner_special reads."""

    __tablename__ = "special_element"
    __table_args__ = reference(key=("element",))
    element: str = holds_names("reference")
    course: str = holds_names("reference")


class InstallationRow(Row, table=True):
    """Facts of this database, such as `demo`."""

    __tablename__ = "installation"
    __table_args__ = reference(key=("name",))
    name: str = holds_names("reference")
    value: str = holds("reference", str)
