"""What one person sees of a school: plans, applied to the relations that hold, for all rows at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from server.policies.plan import Gate, Plan
from server.policies.profile import Profile
from server.policies.vocabulary import atoms
from server.queries.ask import LEARNER_EXISTS, SHOWN_ON_LINES
from server.queries.reach.places import LINES, READ, Place, places
from server.queries.reach.plans import Plans
from server.queries.reach.relations import Relations, key_of
from server.queries.reach.school import School
from server.queries.scopes import HOME, OWN, own_column


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
        self._held: dict[tuple[str, str], int] = {}
        self._passing: dict[tuple[tuple[Gate, Gate], str], int] = {}
        self._owners: dict[tuple[str, int], int] = {}

    def held(self, family: str, atom: str) -> int:
        """The family's rows for which the atomic relation holds."""
        key = (family, atom)
        if key not in self._held:
            self._held[key] = self._hold(family, atom)
        return self._held[key]

    def passing(self, plan: Plan, family: str) -> int:
        """The family's rows that the plan lets pass."""
        key = (plan.gates, family)
        if key not in self._passing:
            first, second = plan.gates
            self._passing[key] = self._gate(first, family) & self._gate(second, family)
        return self._passing[key]

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
        known, found = rows.where(key[1]), 0
        for value in self._relations.reached(self.person_id, key):
            found |= known.get(value, 0)
        return found


class Sight:
    """What someone with a profile sees from a viewpoint under one rule book."""

    def __init__(self, view: Viewpoint, profile: Profile, plans: Plans) -> None:
        self._view = view
        self._profile = profile
        self._plans = plans
        self._existing: dict[Place, int] = {}
        self._learners: int | None = None

    def seen(self, element: str, action: str = READ) -> Seen:
        """Of all rows in which the API shows the element. For actions other than `read`, what rules allow by themselves."""
        found = Seen()
        for place, mask in self.rows(element, action):
            if place.owned:
                found |= Seen(learners=self._view.owners(place.family, mask))
            elif place.family == "staff":
                found |= Seen(staff=mask)
            else:
                found |= Seen(school=bool(mask))
        return found

    def rows(self, element: str, action: str = READ) -> Iterator[tuple[Place, int]]:
        """The rows of each place of the element that pass."""
        plan = self._plans.of(self._profile, element, action)
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
            found |= self._view.passing(self._plans.of(self._profile, element, READ), family)
        return found

    def _lines(self, family: str) -> int:
        """Lines that show something; or the reports that have such a line."""
        lines = self._shown(LINES, SHOWN_ON_LINES)
        return lines if family == LINES else self._view.school.reports_with(lines)
