"""What all schools share: boundary packs and code sets, put in as versions that never change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from psycopg import sql

from server.commands.keys import new_key
from server.errors import BadUserInput
from server.exchange import bulk
from server.exchange.bulk import Connection
from server.exchange.sign_offs import NewSignOffs
from server.grading.boundaries import BoundarySet
from server.grading.contents import (
    boundary_content,
    digest,
    specification_content,
    specification_from_content,
    unsigned,
)
from server.grading.files.folder import stored_series
from server.grading.findings import Finding, Severity
from server.grading.packs import Pack, load_pack
from server.grading.specification import Specification
from server.register.code_sets import CODES

_LARGEST_TABLE: Final = 4 * 2**20

_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class PackImport:
    """`known` are rows whose figures, rules and sources were stored before; `tables` are those of performance measures;
    `signed_off` are stored versions that somebody other than who entered them is newly said to have checked. `warnings`
    ask a person to look, and refuse nothing."""

    specifications: int
    boundary_sets: int
    known: int
    checksum: str
    tables: int = 0
    signed_off: int = 0
    warnings: tuple[Finding, ...] = ()


def import_pack(connection: Connection, path: Path, now: datetime) -> PackImport:
    """Store a sound pack's qualifications. Raises BadUserInput, and writes nothing, unless it passes every check.

    A changed specification or series becomes the next version; what is stored already is left alone, and who checked it
    is added to it. A series belongs to the version of the specification that it came with: one that comes with a newer
    version is stored again.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(8300846184628700)")
        pack = load_pack(path, newest_specifications(connection))
        faults = [each for each in pack.findings if each.severity is Severity.ERROR]
        if faults or not (pack.rows or pack.specifications or pack.measure_texts):
            raise BadUserInput(_refusal(faults), ("pack",))
        return _store(connection, pack, now)


def _store(connection: Connection, pack: Pack, now: datetime) -> PackImport:
    specifications = _Versions(connection, "specification", "specification_id", ("code",))
    boundaries = _Versions(connection, "boundary_set", "boundary_set_id", ("specification_id", "series"))
    rules, homes, signed = _stored_rules(connection), _stored_figures(connection), NewSignOffs(connection, now)
    rows: list[dict[str, object]] = []
    sets: list[dict[str, object]] = []
    known = 0
    for specification in pack.specifications:
        specification_id, _ = _add_specification(specifications, rules, specification, rows, now)
        signed.of_specification(specification_id, specification.provenance, pack.file_of(specification.identity))
    for row in pack.rows.values():
        specification_id, fresh = _add_specification(specifications, rules, row.specification, rows, now)
        boundary_set_id, added = _add_boundaries(boundaries, homes, row.boundaries, specification_id, pack, sets, now)
        signed.of_boundaries(boundary_set_id, row.boundaries, pack.file_of(row.row_id))
        known += not (fresh or added)
    bulk.insert(connection, "specification", None, rows)
    bulk.insert(connection, "boundary_set", None, sets)
    signed.store()
    tables = _store_tables(connection, pack, now)
    warnings = tuple(each for each in pack.findings if each.severity is Severity.WARNING)
    return PackImport(len(rows), len(sets), known, pack.checksum, tables, signed.checked, warnings)


def _refusal(faults: Sequence[Finding]) -> str:
    """The first faults with their places and what to do, and how to see the others."""
    said = [f"{each.code} {each.file} {each.where}: {each.message} {each.remedy}".strip() for each in faults[:_SHOWN]]
    others = f" {len(faults) - _SHOWN} more:" if len(faults) > _SHOWN else ""
    return f"Nothing is stored. {' '.join(said) or 'The pack has no rows.'}{others} `usher grading verify` names all faults."


def _store_tables(connection: Connection, pack: Pack, now: datetime) -> int:
    """The files that measures are reckoned from; returns how many were new. Raises BadUserInput for a huge one, since
    servers hold them whole."""
    if any(len(content) > _LARGEST_TABLE for content in pack.measure_texts.values()):
        raise BadUserInput(f"A table of measures is larger than {_LARGEST_TABLE // 2**20} MiB: divide it.", ("pack",))
    stored = _Versions(connection, "measure_table", "measure_table_id", ("name",))
    rows = [
        {
            "measure_table_id": new_key(),
            "name": name,
            "version": stored.next_version(name),
            "digest": pack.checksums[name],
            "content": content,
            "imported_at": now,
        }
        for name, content in pack.measure_texts.items()
        if pack.checksums[name] not in stored.ids
    ]
    return bulk.insert(connection, "measure_table", None, rows)


def newest_specifications(connection: Connection) -> dict[str, Specification]:
    """By identity, such as AQA:8300:H."""
    rows = connection.execute("SELECT s.code, s.content FROM usher.specification AS s ORDER BY s.version").fetchall()
    return {code: specification_from_content(content) for code, content in dict(rows).items()}


_Homes = dict[tuple[UUID, str], UUID]
"""Boundary sets by specification and the digest of their figures."""


def _stored_rules(connection: Connection) -> dict[str, UUID]:
    """The newest version by the digest of what it says, whoever signed it."""
    rows = connection.execute("SELECT s.content, s.specification_id FROM usher.specification AS s ORDER BY s.version")
    return {digest(unsigned(content)): key for content, key in rows}


def _stored_figures(connection: Connection) -> _Homes:
    rows = connection.execute(
        "SELECT b.specification_id, b.content, b.boundary_set_id FROM usher.boundary_set AS b ORDER BY b.version"
    )
    return {(home, digest(unsigned(content))): key for home, content, key in rows}


class _Versions:
    """What is stored of one kind: ids by digest, and the newest version by name."""

    def __init__(self, connection: Connection, table: str, id_column: str, name: tuple[str, ...]) -> None:
        self.ids: dict[str, UUID] = {}
        self.newest: dict[tuple[object, ...], int] = {}
        statement = sql.SQL("SELECT {} FROM {} ORDER BY version").format(
            sql.SQL(", ").join(map(sql.Identifier, (id_column, "digest", "version", *name))),
            sql.Identifier("usher", table),
        )
        for row in connection.execute(statement).fetchall():
            self.ids[row[1]] = row[0]
            self.newest[row[3:]] = row[2]

    def next_version(self, *name: object) -> int:
        self.newest[name] = self.newest.get(name, 0) + 1
        return self.newest[name]


def _add_specification(
    stored: _Versions,
    rules: dict[str, UUID],
    specification: Specification,
    rows: list[dict[str, object]],
    now: datetime,
) -> tuple[UUID, bool]:
    """The version that says the same, or a new one; and whether it is new."""
    signed = specification_content(specification)
    content = unsigned(signed)
    key = digest(content)
    # Versions of before 0020 may differ in who signed them alone: the very one that is meant goes first.
    found = stored.ids.get(digest(signed)) or rules.get(key)
    if found is not None:
        return found, False
    stored.ids[key] = rules[key] = new_key()
    rows.append(
        {
            "specification_id": stored.ids[key],
            "code": specification.identity,
            "version": stored.next_version(specification.identity),
            "board": specification.board,
            "title": specification.title,
            "qualification": specification.qualification,
            "digest": key,
            "content": content,
            "imported_at": now,
        }
    )
    return stored.ids[key], True


def _add_boundaries(
    stored: _Versions,
    homes: _Homes,
    boundaries: BoundarySet,
    specification_id: UUID,
    pack: Pack,
    rows: list[dict[str, object]],
    now: datetime,
) -> tuple[UUID, bool]:
    """The version of the series that has the same figures, or a new one; and whether it is new."""
    content = unsigned(boundary_content(boundaries))
    plain = digest(content)
    home = (specification_id, plain)
    if home in homes:
        return homes[home], False
    # The same figures under another version of the specification are another version of the series.
    key = digest(f"{specification_id}{content}") if plain in stored.ids else plain
    stored.ids[key] = homes[home] = new_key()
    series = stored_series(boundaries.series, boundaries.option)
    rows.append(
        {
            "boundary_set_id": homes[home],
            "specification_id": specification_id,
            "series": series,
            "version": stored.next_version(specification_id, series),
            "digest": key,
            "source": f"{'; '.join(boundaries.sources)} (pack {pack.checksum})",
            "confidence": boundaries.confidence,
            "content": content,
            "imported_at": now,
        }
    )
    return homes[home], True


def store_codes(connection: Connection) -> int:
    """Put the register's code sets into the table that everyone reads; returns how many were new."""
    stored = {tuple(row) for row in connection.execute("SELECT code_set, code, valid_from FROM usher.code")}
    fresh = [code for code in CODES if (code.set, code.code, code.valid_from) not in stored]
    rows = [
        {
            "code_set": code.set,
            "code": code.code,
            "label": code.label,
            "valid_from": code.valid_from,
            "valid_to": code.valid_to,
        }
        for code in fresh
    ]
    return bulk.insert(connection, "code", None, rows)
