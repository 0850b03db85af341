"""Operations that between them ask for every field of every type."""

from __future__ import annotations

import json
from collections.abc import Callable

from server import tables
from tests.worlds import World

WITHHELD = "withheld { element reason }"
PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
PERSONAL = """id givenName familyName preferredName dateOfBirth age gender upn misId yearGroup { name } admittedOn leftOn
  keyStage2 firstLanguage contact { address email phone } attendance { possible attended percentage }
  tutorGroup { id name yearGroup learners { id } } classes { name subject }"""
SPECIAL = """ethnicity lookedAfter freeSchoolMeals pupilPremium { reason } serviceChild medical { conditions }
  accessArrangements sen { provision needs }"""
STAFF = f"id title givenName familyName jobTitle contact {{ email phone }} {WITHHELD}"
MARK = f"""id state score maximum attempt recordedAt version assessment {{ name }} learner {{ id }}
  parts {{ question topic score maximum {WITHHELD} }} history {{ version state score recordedAt reason {WITHHELD} }} {WITHHELD}"""
GRADE = f"""id value kind status points fine basis subjectMark nextGrade marksToNext floor ceiling method shift confidence
  flags specification series computedAt version course {{ name }} learner {{ givenName }} {WITHHELD}
  history {{ version value kind status points fine subjectMark nextGrade marksToNext floor ceiling method shift confidence
    flags specification series computedAt replacedAt {WITHHELD} }}"""
EXPLANATION = """specification title series option status grade rounding roundingConfidence roundingMatters
  steps { kind text component state raw factor exact rounding value most grade source lower { name raw value }
    upper { name raw value } attempts { state raw value counts window maximum
    series source confidence boundaryDigest } } byPolicy { policy subjectMark grade }
  scheme retake shift subjectMark marksAbove nextGrade marksToNext boundaries { grade mark reached source }
  requirements { grade measure minimum reached most taken possible reason source parts { component value counts } }
  routes { grade marks moves { component marks raisesTo } text } notices { code message confidence }
  flags sources confidence note engineVersion"""
COURSE = """id name subject department yearGroup academicYear board specification qualification series
  classes { name } assessments { name }"""
ASSESSMENT = """id name component maximum step heldOn academicYear
  window { id name startsOn endsOn academicYear } course { name } classes { name }"""


def _ids(world: World, *named: tuple[str, str]) -> str:
    return ", ".join(json.dumps(f"{prefix}_{world.ids[handle].hex}") for prefix, handle in named)


def _lookups(world: World) -> str:
    learners = world.rows[tables.LearnerRow]
    numbers = [f'u{i}: learner(by: {{upn: "{row["upn"]}"}}) {{ id }}' for i, row in enumerate(learners) if row["upn"]]
    own = [f'm{i}: learner(by: {{misId: "{row["mis_id"]}"}}) {{ name: givenName }}' for i, row in enumerate(learners)]
    return f"{{ {' '.join(numbers + own)} }}"


def _nodes(world: World) -> str:
    several = _ids(world, ("lrn", "ann"), ("cls", "10/Ma1"), ("lrn", "fay"), ("stf", "head"), ("lrn", "ann"))
    marks = ", ".join(f'"mrk_{m["academic_year"]}_{m["mark_id"].hex}"' for m in world.rows[tables.MarkRow][:6])
    reports = ", ".join(f'"rep_{row["report_id"].hex}"' for row in world.rows[tables.ReportRow])
    return f"""{{ nodes(ids: [{several}, {marks}, {reports}]) {{
        id __typename ... on Learner {{ givenName {WITHHELD} }} ... on Class {{ name }} ... on Mark {{ score }}
        ... on Report {{ name lines {{ grade }} }} ... on Staff {{ familyName }} }}
      node(id: {_ids(world, ("lrn", "eve"))}) {{ ... on Node {{ id }} ... on Learner {{ givenName withheld {{ element }} }} }} }}"""


def _past(world: World) -> str:
    return f"""{{ class(id: {_ids(world, ("cls", "10/Ma1"))}) {{
        learners(asOf: "{world.days(-70)}") {{ id tutorGroup {{ name learners {{ id }} }} classes {{ name }}
          guardians(asOf: "{world.days(-12)}") {{ id }} }}
        teachers(asOf: "{world.days(1)}") {{ id }}
        markbook(asOf: "{world.days(-20)}") {{ learner {{ id }} cells {{ state score version }} }} }} }}"""


# Name -> the operation for a world.
DOCUMENTS: dict[str, Callable[[World], str]] = {
    "personal": lambda _: (
        f"{{ learners {{ totalCount partial {PAGE} edges {{ cursor node {{ {PERSONAL} {WITHHELD} }} }} }} }}"
    ),
    "special": lambda _: f"{{ learners {{ totalCount partial nodes {{ id {SPECIAL} {WITHHELD} }} }} }}",
    "guardians": lambda _: (
        f"""{{ learners {{ nodes {{ id guardians {{ id title givenName familyName relationship verifiedAt
        contact {{ email phone address }} learner {{ givenName guardians {{ id }} }} {WITHHELD} }} }} }} }}"""
    ),
    "marks": lambda _: (
        f"""{{ learners {{ nodes {{ id marks(orderBy: [{{field: SCORE}}], filter: {{score: {{gte: "20"}}}}) {{
        totalCount partial {PAGE} nodes {{ {MARK} }} }} }} }} }}"""
    ),
    "grades": lambda _: (
        f"{{ learners {{ nodes {{ grades {{ {GRADE} }} targets {{ id value points setOn course {{ name }} {WITHHELD} }} }} }} }}"
    ),
    "explanations": lambda _: (
        f"{{ learners {{ nodes {{ id grades {{ id explanation {{ {EXPLANATION} }} {WITHHELD} }} }} }} }}"
    ),
    "behaviour": lambda world: (
        f"""{{ learners {{ nodes {{ behaviour(academicYear: {world.year}) {{
        id happenedOn kind points note learner {{ givenName }} {WITHHELD} }} }} }} }}"""
    ),
    "reports": lambda _: (
        f"""{{ reports(filter: {{publishedAt: {{from: "2020-01-01T00:00:00Z"}}}}) {{ totalCount partial {PAGE}
        nodes {{ id name publishedAt version receipt learner {{ givenName reports {{ id }} }}
          lines {{ course teacher grade target comment {WITHHELD} }} {WITHHELD} }} }} }}"""
    ),
    "who looked": lambda _: f"{{ learners {{ nodes {{ id accessSummary {{ month who times {WITHHELD} }} }} }} }}",
    "classes": lambda _: (
        f"""{{ classes(orderBy: [{{field: SUBJECT, direction: DESC}}]) {{ totalCount nodes {{
        id name academicYear subject course {{ {COURSE} }} teachers {{ {STAFF} }} learners {{ id givenName }}
        assessments {{ {ASSESSMENT} marks(first: 3) {{ totalCount nodes {{ id score }} }} }}
        gradeDistribution {{ value count }} {WITHHELD} }} }} }}"""
    ),
    "markbook": lambda _: (
        f"""{{ classes {{ nodes {{ name markbook {{ learner {{ familyName }}
        cells {{ state score maximum version assessment {{ name }} {WITHHELD} }} {WITHHELD} }} }} }} }}"""
    ),
    "staff": lambda _: (
        f"""{{ staff(filter: {{name: {{startsWith: "ch"}}}}) {{ totalCount partial nodes {{ {STAFF} }} }}
        all: staff {{ nodes {{ {STAFF} }} }} }}"""
    ),
    "viewer": lambda _: (
        f"""{{ viewer {{ capacity roles capabilities person {{ id capacity __typename }} {WITHHELD}
        schools {{ id name urn laestab academicYear }} children {{ linkId schoolId schoolName {WITHHELD} }}
        viewerCan(element: POLICY, action: WRITE) }} school {{ id name urn smallNumberThreshold {WITHHELD} }} }}"""
    ),
    "catalogue": lambda _: (
        """{ dataCatalogue { element title description purpose lawfulBasis article9 sensitivity handling
        retention training visibleTo __typename } }"""
    ),
    "numbers": _lookups,
    "nodes": _nodes,
    "past": _past,
    "hidden filter": lambda _: (
        """{ learners(filter: {ethnicity: {ne: "WBRI"}}, orderBy: [{field: SEN_PROVISION, direction: DESC}]) {
        totalCount partial nodes { id } } }"""
    ),
    "any of": lambda _: (
        """{ learners(filter: {any: [{yearGroup: {eq: "11"}}, {attendance: {lt: "93.5"}},
        {dateOfBirth: {from: "2000-01-01"}, gender: {in: ["F"]}}]},
        orderBy: [{field: ATTENDANCE, direction: DESC}, {field: NAME}]) {
        totalCount partial nodes { id } } }"""
    ),
    "label": lambda _: '{ classes(filter: {name: {contains: "mA"}}) { totalCount partial nodes { name } } }',
    "ends": lambda _: (
        f"{{ a: learners(last: 3) {{ nodes {{ id }} {PAGE} }} b: learners(first: 0) {{ nodes {{ id }} {PAGE} }} }}"
    ),
}
