"""An example in one sentence, made from its fields alone."""

from collections.abc import Collection

from server.policies.vocabulary import ACTIONS, CONDITIONS, Capacity
from server.policies.wording_roles import somebody
from server.policies.wording_rows import rows_phrase
from server.register.elements import ELEMENTS

_ANY = (("everyone in the school", "anyone in the school"), ("all staff", "any member of staff"))
_VERBS = {**ACTIONS, "read": "see"}


def example_sentence(
    capacity: Capacity,
    roles: Collection[str],
    facts: Collection[str],
    relations: Collection[str],
    element: str,
    action: str,
    visible: bool,
) -> str:
    """Who must, or must not, see what of whom. Staff without the certificate that the register asks for: untrained."""
    course = ELEMENTS[element].training
    untrained = capacity == Capacity.STAFF and course is not None and f"trained:{course}" not in facts
    who = somebody(capacity, roles, "untrained" if untrained else "")
    rows = rows_phrase(element, "&".join(sorted(relations)) or "school")
    for many, one in _ANY:
        rows = rows.replace(many, one)
    conditions = " and ".join(CONDITIONS[word] for word in sorted(facts))
    after = f", {'if' if visible else 'even if'} {conditions}" if conditions else ""
    says = "must be able to" if visible else "must not"
    return f"{who[0].upper()}{who[1:]} {says} {_VERBS[action]} {rows}{after}."
