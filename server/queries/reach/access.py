"""What one person sees of a school: plans, applied to the relations that hold, for all rows at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from server.policies.plan import Gate, Plan
from server.policies.profile import Profile
from server.policies.vocabulary import atoms
from server.queries.ask import LEARNER_EXISTS, SHOWN_ON_LINES
from server.queries.reach.places import LINES, READ, Place, places
from server.queries.reach.plans import Plans
from server.queries.reach.relations import Key, Relations, key_of
from server.queries.reach.school import Rows, School, Value
from server.queries.scopes import HOME, OWN, own_column

Gates = tuple[Gate, Gate]


@dataclass(frozen=True, slots=True)
class Seen:
    """`learners` and `staff` are sets of the school's rows of these families; `school`: something that is nobody's."""

    learners: int = 0
    staff: int = 0
    school: bool = False

    def __bool__(self) -> bool:
        return bool(self.learners or self.staff or self.school)

    def __or__(self, other: Seen) -> Seen:
        return Seen(self.learners | other.learners, self.staff | other.staff, self.school or other.school)

    def without(self, other: Seen) -> Seen:
        return Seen(self.learners & ~other.learners, self.staff & ~other.staff, self.school and not other.school)


class Viewpoint:
    """One person's relations to every row of the school."""

    def __init__(self, school: School, relations: Relations, person_id: UUID) -> None:
        self.school = school
        self.person_id = person_id
        self._relations = relations
        self._common: dict[tuple[str, str], int] = {}
        self._held: dict[tuple[str, str], int] = {}
        self._passing: dict[tuple[int, str], tuple[Gates, int]] = {}
        self._owners: dict[tuple[str, int], int] = {}

    def of(self, person_id: UUID) -> Viewpoint:
        """Somebody else's; what holds for everybody is found once for both."""
        other = Viewpoint(self.school, self._relations, person_id)
        other._common = self._common
        return other

    def held(self, family: str, atom: str) -> int:
        """The family's rows for which the atomic relation holds."""
        key = (family, atom)
        if key not in self._held:
            self._held[key] = self._hold(family, atom)
        return self._held[key]

    def passing(self, plan: Plan, family: str) -> int:
        """The family's rows that the plan lets pass."""
        first, second = gates = plan.gates
        if not first.allow or not second.allow:
            return 0
        # By identity, which is asked for faster than equality; gates that are kept here keep theirs.
        key = (id(gates), family)
        if key not in self._passing:
            self._passing[key] = gates, self._gate(first, family) & self._gate(second, family)
        return self._passing[key][1]

    def owners(self, family: str, mask: int) -> int:
        """The learners of these rows."""
        key = (family, mask)
        if key not in self._owners:
            self._owners[key] = self.school.owners(family, mask)
        return self._owners[key]

    def token(self, token: str, family: str) -> int:
        found = self.school.families[family].all
        for atom in atoms(token):
            found &= self.held(family, atom)
        return found

    def _gate(self, gate: Gate, family: str) -> int:
        found = 0
        for token in gate.allow:
            found |= self.token(token, family)
        for token in gate.deny:
            found &= ~self.token(token, family)
        return found

    def _hold(self, family: str, atom: str) -> int:
        rows = self.school.families[family]
        if atom == "school" or (family, atom) == (HOME, OWN):
            return rows.all
        if atom == OWN:
            column = own_column(family)
            return 0 if column is None else rows.where((column,)).get(str(self.person_id), 0)
        key = key_of(family, atom)
        if key is None:
            return 0
        if key not in self._relations.shared:
            return _reached(rows, self._relations.reached(self.person_id, key), key)
        if (family, atom) not in self._common:
            self._common[family, atom] = _reached(rows, self._relations.shared[key], key)
        return self._common[family, atom]


def _reached(rows: Rows, values: Iterable[Value], key: Key) -> int:
    known, found = rows.where(key[1]), 0
    for value in values:
        found |= known.get(value, 0)
    return found


class Sight:
    """What someone with a profile sees from a viewpoint under one rule book."""

    def __init__(self, view: Viewpoint, profile: Profile, plans: Plans) -> None:
        self._view = view
        self._plans = plans.outlook(profile)
        self._existing: dict[Place, int] = {}
        self._learners: int | None = None

    def seen(self, element: str, action: str = READ) -> Seen:
        """Of all rows in which the API shows the element. For actions other than `read`, what rules allow by themselves."""
        learners, staff, school = 0, 0, False
        for place, mask in self.rows(element, action):
            if not mask:
                continue
            if place.owned:
                learners |= self._view.owners(place.family, mask)
            elif place.family == "staff":
                staff |= mask
            else:
                school = True
        return Seen(learners, staff, school)

    def rows(self, element: str, action: str = READ) -> Iterator[tuple[Place, int]]:
        """The rows of each place of the element that pass."""
        plan = self._plans[element, action]
        for place in places(element):
            mask = self._view.passing(plan, place.family)
            if mask and action == READ:
                mask &= self.existing(place)
            yield place, mask

    def existing(self, place: Place) -> int:
        """The rows of a place that are there at all for this person."""
        if place not in self._existing:
            lines = place.family in ("report", LINES)
            mask = self._lines(place.family) if lines else self._shown(place.family, place.existence)
            if place.owned:
                mask &= self._view.school.rows_of(place.family, self.learners)
            self._existing[place] = mask
        return self._existing[place]

    @property
    def learners(self) -> int:
        """The learners who are there at all."""
        if self._learners is None:
            self._learners = self._shown("learner", (LEARNER_EXISTS,))
        return self._learners

    def _shown(self, family: str, elements: tuple[str, ...]) -> int:
        found = 0
        for element in elements:
            found |= self._view.passing(self._plans[element, READ], family)
        return found

    def _lines(self, family: str) -> int:
        """Lines that show something; or the reports that have such a line."""
        lines = self._shown(LINES, SHOWN_ON_LINES)
        return lines if family == LINES else self._view.school.reports_with(lines)
