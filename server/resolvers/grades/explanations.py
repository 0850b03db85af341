"""Grade.explanation: the one field that Python answers. Its inputs come with the statement; equal inputs are explained once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from strawberry.dataloader import DataLoader
from strawberry.types.field import StrawberryField

from server.grading.errors import GradingError
from server.grading.explained_sittings import explain_sittings
from server.grading.explanation import explanation_data
from server.grading.papers import Contents
from server.queries.noun import Explained
from server.queries.sittings import sittings_of
from server.resolvers.governed import TYPES, answered, object_type
from server.resolvers.grades.explanation_types import EXPLAINED

Inputs = Mapping[str, Any]


class ExplainedField(StrawberryField):
    """Loads the explanation of the hidden inputs that stand under the response key; null where they were withheld."""

    @property
    def is_basic_field(self) -> bool:
        return False

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: Any) -> Any:  # noqa: ARG002
        inputs = source[info.path.key]
        return None if inputs is None else info.context.explanations.load(json.dumps(inputs, sort_keys=True))


class MemberField(StrawberryField):
    """A member of an explanation, by its own name."""

    @property
    def is_basic_field(self) -> bool:
        return False

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: Any) -> Any:  # noqa: ARG002
        return source[_snake(self.python_name)]


def explanations() -> DataLoader[str, dict[str, object] | None]:
    """A loader for one operation."""
    return DataLoader(load_fn=_explain_all)


async def _explain_all(keys: list[str]) -> list[dict[str, object] | None]:
    found: list[dict[str, object] | None] = []
    for key in keys:
        found.append(_explain(json.loads(key)))
        if len(found) % 20 == 0:
            await asyncio.sleep(0)  # others of this worker get their turn
    return found


def _explain(inputs: Inputs) -> dict[str, object] | None:
    """Grades as the stored grade was graded: each component by the paper that was really sat. None for what is refused."""
    contents = Contents(inputs["specification"], inputs["boundaries"])
    try:
        return explanation_data(explain_sittings(contents, sittings_of(inputs), inputs["shift"]))
    except GradingError:
        return None  # the grade's flags say why


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def build_explanations() -> None:
    """Fill TYPES with the explanation's types."""
    for name, said, members in EXPLAINED:
        object_type(name, said, (answered(*member, field_class=MemberField) for member in members))
    TYPES["explained"] = _explained


def _explained(field: Explained) -> StrawberryField:
    return answered(field.name, field.type, field.description, (), field.element, field_class=ExplainedField)
