"""What would change a decision, in words."""

from collections.abc import Collection
from types import MappingProxyType

from server.policies.vocabulary import CONDITIONS
from server.policies.wording_roles import ONE_OF
from server.policies.wording_rows import listed

_IF: MappingProxyType[str, tuple[str, str]] = MappingProxyType(
    {
        "own": ("it were their own", "it were not their own"),
        "child": ("a verified, current link made the learner their child", "the learner were not their child"),
        "taught": ("they taught the learner", "they did not teach the learner"),
        "taught_course": ("they taught the learner this course", "they did not teach the learner this course"),
        "taught_before": ("they had taught the learner before", "they had not taught the learner before"),
        "taught_next": ("they were to teach the learner next", "they were not to teach the learner next"),
        "pastoral": ("the learner were in their pastoral care", "the learner were not in their pastoral care"),
        "department": ("the learner were of their department", "the learner were not of their department"),
        "department_course": ("the course were of their department", "the course were not of their department"),
        "caseload": ("the learner were on their caseload", "the learner were not on their caseload"),
        "assigned": ("the learner were assigned to them", "the learner were not assigned to them"),
        "published": ("it stood in a published report", "it stood in no published report"),
        "released": ("it had been released", "it had not been released"),
        "protected": ("the learner were protected", "the learner were not protected"),
        "self_family": ("the learner were of their own family", "the learner were not of their own family"),
        "left": ("the learner had left", "the learner had not left"),
        "restricted": ("the learner's data were restricted", "the learner's data were not restricted"),
        "opted_out": ("the person had opted out", "the person had not opted out"),
    }
)


def remedy_sentence(
    facts: Collection[str], relations: Collection[str], roles: Collection[str], without: Collection[str]
) -> str:
    """ "It would be allowed if they taught the learner and their SEN training is in date." """
    named = [name for role, name in ONE_OF.items() if role in roles]
    clauses = [f"they were also {listed([f'{_article(name)} {name}' for name in named], 'or')}"] if named else []
    clauses += [_IF[word][0] for word in _IF if word in relations]
    clauses += [_IF[word][1] for word in _IF if word in without]
    clauses += [CONDITIONS[word] for word in sorted(facts)]
    return f"It would be allowed if {' and '.join(clauses)}."


def _article(name: str) -> str:
    return "an" if name[0] in "aeiouM" else "a"
