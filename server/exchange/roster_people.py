"""Staff, learners and guardians of a roster: persons, names as dated, contacts, the right to act."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from server.commands.keys import new_key
from server.commands.rosters.dated_names import NAMES, NameChanges
from server.commands.rosters.faults import CONFLICT, DUPLICATE
from server.commands.rosters.naming import former_numbers
from server.exchange.ended_roles import without_ended
from server.exchange.merging import Merge, dated
from server.exchange.records import Record
from server.policies.vocabulary import ROLES
from server.register.sort_key import sort_key

ROSTER = "roster"


def merge_staff(merge: Merge, records: list[Record], complete: bool) -> None:
    rows = [
        {
            "mis_id": record["mis_id"],
            "title": record["title"],
            **_named(record),
            "job_title": record["job_title"],
            "email": record["email"],
            "phone": record["phone"],
            "left_on": record["left_on"],
        }
        for record in records
    ]
    _new_persons(merge, "staff", (row["mis_id"] for row in rows))
    merge.entities("staff", "staff_id", ("mis_id",), rows)
    staff = merge.ids["staff"]
    _give_capacity(merge, "STAFF", {staff[r["mis_id"]]: (r["from"], r["left_on"]) for r in records})
    roles = [
        {"person_id": staff[r["mis_id"]], "role": role, "valid_from": r["from"], "valid_to": r["left_on"]}
        for r in records
        for role in r["roles"] or ()
    ]
    _roles(merge, without_ended(merge, roles), "STAFF", list(staff.values()), complete=complete)


def merge_learners(merge: Merge, records: list[Record]) -> None:
    by_mis_id: dict[str, UUID] = {}
    merge.ids["learner"] = {}
    for learner_id, upn, mis_id in merge.select("learner", "learner_id", "upn", "mis_id"):
        merge.ids["learner"][upn] = learner_id
        by_mis_id[mis_id] = learner_id
    seen: set[str] = set()
    sound = [record for record in records if _claim(merge, record, by_mis_id, seen)]
    stored: dict[UUID, dict[str, Any]] = {
        row[0]: dict(zip(_LEARNER, row[1:], strict=True)) for row in merge.select("learner", "learner_id", *_LEARNER)
    }
    _new_persons(merge, "learner", (record["upn"] for record in sound))
    rows = [_learner(merge, record, stored) for record in sound]
    replaced = [(merge.ids["learner"][row["upn"]], row["upn"]) for row in rows]
    former = [(i, stored[i]["upn"]) for i, upn in replaced if i in stored and stored[i]["upn"] not in (None, upn)]
    merge.insert("external_id", former_numbers(former, merge.now))
    merge.entities("learner", "learner_id", ("upn",), rows)
    ids = merge.ids["learner"]
    _date_names(merge, {ids[record["upn"]]: record for record in sound}, stored)
    _merge_contacts(merge, sound)
    _give_capacity(merge, "LEARNER", {ids[r["upn"]]: (r["admitted_on"], r["left_on"]) for r in sound})
    roles: list[dict[str, Any]] = [
        {"person_id": ids[r["upn"]], "role": "learner", "valid_from": r["admitted_on"], "valid_to": r["left_on"]}
        for r in sound
    ]
    _roles(merge, roles, "LEARNER", [row["person_id"] for row in roles])


def merge_guardians(merge: Merge, records: list[Record]) -> None:
    sound: list[Record] = []
    known = merge.ids["guardian"]
    for record in records:
        if record["staff_mis_id"] is not None:
            person = merge.find("staff", record["staff_mis_id"], record, "Staff MIS id")
            if person is None:
                continue
            # One natural person: the guardian row shares the id of the staff row.
            if known.setdefault(record["mis_id"], person) != person:
                message = "This guardian is stored as another person: give a new MIS id, or leave Staff MIS id blank."
                merge.problems.add(CONFLICT, message, record.sheet, record.row, "Staff MIS id")
                continue
        sound.append(record)
    shared = {r["mis_id"] for r in sound if r["staff_mis_id"] is not None}
    _new_persons(merge, "guardian", (r["mis_id"] for r in sound if r["mis_id"] not in shared))
    rows = [
        {
            "mis_id": record["mis_id"],
            "title": record["title"],
            **_named(record),
            "email": record["email"],
            "phone": record["phone"],
            "address": record["address"],
        }
        for record in sound
    ]
    merge.entities("guardian", "guardian_id", ("mis_id",), rows)
    people = {known[record["mis_id"]] for record in sound}
    _give_capacity(merge, "PARENT", dict.fromkeys(people, (merge.today, None)))
    held = {row[0] for row in merge.select("role_assignment", "person_id", role=["parent"])}
    roles: list[dict[str, Any]] = [
        {"person_id": person, "role": "parent", "valid_from": merge.today, "valid_to": None} for person in people - held
    ]
    _roles(merge, roles, "PARENT", [row["person_id"] for row in roles])


_LEARNER: tuple[str, ...] = (
    "upn", "mis_id", *NAMES, "sort_key", "date_of_birth", "gender", "year_group", "key_stage_2", "first_language",
    "admitted_on", "left_on", "version",
)  # fmt: skip


def _claim(merge: Merge, record: Record, by_mis_id: dict[str, UUID], seen: set[str]) -> bool:
    """Whether UPN and MIS id name one learner: a new UPN for a known MIS id replaces the old one."""
    if record["mis_id"] in seen:
        message = "The same MIS id stands in another row too: each learner has their own."
        merge.problems.add(DUPLICATE, message, record.sheet, record.row, "MIS id")
        return False
    seen.add(record["mis_id"])
    ids = merge.ids["learner"]
    named, known = ids.get(record["upn"]), by_mis_id.get(record["mis_id"])
    if known is not None and named is not None and known != named:
        message = "The UPN and the MIS id belong to different learners of this school: correct one of them."
        merge.problems.add(CONFLICT, message, record.sheet, record.row, "MIS id")
        return False
    if named is None and known is not None:
        ids[record["upn"]] = known
    return True


def _learner(merge: Merge, record: Record, stored: Mapping[UUID, Mapping[str, Any]]) -> dict[str, Any]:
    row = {column: record.get(column) for column in _LEARNER}
    row |= _named(record)
    before = stored.get(merge.ids["learner"].get(record["upn"], UUID(int=0)))
    row["version"] = before["version"] if before else 1
    if before and row != before:
        row["version"] += 1
    return row


def _named(record: Record) -> dict[str, Any]:
    given, family = record["given_name"], record["family_name"]
    return {"given_name": given, "family_name": family, "sort_key": sort_key(family, given)}


def _date_names(merge: Merge, records: Mapping[UUID, Record], stored: Mapping[UUID, Mapping[str, Any]]) -> None:
    """A changed name begins today, and the former one ends today."""
    names = NameChanges()
    changed = [i for i, r in records.items() if i in stored and any(stored[i][n] != r.get(n) for n in NAMES)]
    current = {
        row[0]: row[1]
        for row in merge.select("learner_name", "learner_id", "valid_from", "valid_to", learner_id=changed)
        if row[2] is None
    }
    for learner_id in changed:
        names.another(learner_id, records[learner_id].values, current.get(learner_id), merge.today)
    for learner_id, record in records.items():
        if learner_id not in stored:
            names.first(learner_id, record.values, record["admitted_on"])
    merge.update("learner_name", ("learner_id", "valid_from"), names.ends)
    merge.update("learner_name", ("learner_id", "valid_from"), names.again)
    merge.insert("learner_name", names.begins)


def _merge_contacts(merge: Merge, records: Iterable[Record]) -> None:
    stored = {row[0]: row for row in merge.select("learner_contact", "learner_id", "address", "email", "phone")}
    added: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for record in records:
        learner_id = merge.ids["learner"][record["upn"]]
        row = {"learner_id": learner_id, **{name: record[name] for name in ("address", "email", "phone")}}
        if learner_id not in stored:
            added.append(row)
        elif stored[learner_id] != tuple(row.values()):
            changed.append(row)
    merge.insert("learner_contact", added)
    merge.update("learner_contact", ("learner_id",), changed)


def _new_persons(merge: Merge, table: str, keys: Iterable[Any]) -> None:
    known = merge.ids.setdefault(table, {})
    fresh = [key for key in dict.fromkeys(keys) if key not in known]
    for key in fresh:
        known[key] = new_key()
    merge.insert("person", [{"person_id": known[key], "created_at": merge.now} for key in fresh])


def _give_capacity(merge: Merge, capacity: str, spans: Mapping[UUID, tuple[Any, Any]]) -> None:
    """An access profile for each person, or its changed end: an account that changed has another profile version."""
    stored = {row[0]: row[1] for row in merge.select("access_profile", "person_id", "valid_to", capacity=[capacity])}
    fresh: list[dict[str, Any]] = [
        {"person_id": i, "capacity": capacity, "profile_version": 1, "valid_from": span[0], "valid_to": span[1]}
        for i, span in spans.items()
        if i not in stored
    ]
    ends: list[dict[str, Any]] = [
        {"person_id": i, "capacity": capacity, "valid_to": span[1]}
        for i, span in spans.items()
        if i in stored and stored[i] != span[1]
    ]
    merge.insert("access_profile", fresh)
    merge.fresh.update((row["person_id"], capacity) for row in fresh)
    merge.update("access_profile", ("person_id", "capacity"), ends)
    merge.raised.update((row["person_id"], capacity) for row in ends)


def _roles(
    merge: Merge, rows: list[dict[str, Any]], capacity: str, people: list[UUID], *, complete: bool = False
) -> None:
    own = [role for role, held_in in ROLES.items() if held_in == capacity]
    changed = dated(
        merge,
        "role_assignment",
        "role_assignment_id",
        ("person_id", "role"),
        rows,
        source=ROSTER,
        complete=complete,
        within={"person_id": people, "role": own},
    )
    merge.raised.update((row["person_id"], capacity) for row in changed)


# By one step from what stands there when the row is locked: a step that somebody else took meanwhile is not lost.
_RAISE = """\
UPDATE usher.access_profile AS p SET profile_version = p.profile_version + 1
FROM unnest(%s::uuid[], %s::text[]) AS given(person_id, capacity)
WHERE p.school_id = %s AND p.person_id = given.person_id AND p.capacity = given.capacity"""
_LOCK = """\
SELECT 1 FROM usher.access_profile AS p JOIN unnest(%s::uuid[], %s::text[]) AS given(person_id, capacity)
    ON p.person_id = given.person_id AND p.capacity = given.capacity
WHERE p.school_id = %s ORDER BY p.person_id, p.capacity FOR UPDATE OF p"""


def raise_profiles(merge: Merge) -> None:
    """One step up for each profile whose roles, links, training or account changed in this import, or a supervisor's."""
    raised = merge.raised - merge.fresh
    supervisors = [person for person, capacity in raised if capacity == "STAFF"]
    raised |= {(row[0], "STAFF") for row in merge.select("supervision", "trainee_id", supervisor_id=supervisors)}
    if raised:
        people, capacities = zip(*sorted(raised, key=str), strict=True)
        values = [list(people), list(capacities), merge.school_id]
        merge.connection.execute(_LOCK, values)
        merge.connection.execute(_RAISE, values)
