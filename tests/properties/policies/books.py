"""Random rule books, profiles and rows, out of few words so that rules meet."""

from hypothesis import strategies as st

from server.policies.profile import Profile
from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.vocabulary import DENY_ONLY_SCOPES, ROLES, SCOPES, Capacity, relations

ELEMENTS = ("name", "mark", "medical", "ethnicity", "exam_result")
ACTIONS = ("read", "write")
STAFF = ("class_teacher", "tutor", "senco", "head")
FACTS = ("trained:sen", "reason", "grant")
ATOMS = ("own", "child", "taught", "taught_course", "pastoral", "published", "released", "protected", "left")
TOKENS = tuple(sorted(token for token in SCOPES if set(token.split("&")) <= {"school", *ATOMS}))

role_groups = st.lists(st.sampled_from([(role, "staff") for role in STAFF]), unique=True).map(tuple)
element_groups = st.lists(
    st.sampled_from([("name", "personal"), ("mark", "personal"), ("mark", "attainment"), ("exam_result", "attainment"),
                     ("medical", "special"), ("ethnicity", "special"), ("medical", "medical_sen")]),
    unique=True,
).map(tuple)  # fmt: skip


def _rules(number: int) -> st.SearchStrategy[Rule]:
    return st.builds(
        Rule,
        st.just(f"r{number}"),
        st.sampled_from((*STAFF, "staff", "parent")),
        st.sampled_from((*ELEMENTS, "personal", "attainment", "special", "medical_sen")),
        st.sampled_from(ACTIONS),
        st.sampled_from(TOKENS),
        st.lists(st.sampled_from(FACTS), unique=True, max_size=2).map(tuple),
        st.lists(st.sampled_from(("log", "notify", "suppress")), unique=True, max_size=2).map(tuple),
        st.sampled_from(("allow", "allow", "allow", "deny")),
    )


@st.composite
def books(draw: st.DrawFn, most: int = 12) -> RuleBook:
    rules = tuple(draw(_rules(number)) for number in range(draw(st.integers(0, most))))
    return RuleBook(rules, draw(role_groups), draw(element_groups))


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    facts = draw(st.frozensets(st.sampled_from(FACTS)))
    if draw(st.integers(0, 5)) == 0:
        return Profile(Capacity.PARENT, frozenset({"parent"}), facts)
    roles = draw(st.frozensets(st.sampled_from(STAFF), max_size=3))
    assert all(ROLES[role] == Capacity.STAFF for role in roles)
    return Profile(Capacity.STAFF, roles, facts)


rows = st.frozensets(st.sampled_from(ATOMS)).map(relations)
protections = st.frozensets(st.sampled_from(sorted(set(DENY_ONLY_SCOPES) & set(ATOMS))), min_size=1)
