// The policy as SQL, written by hand for the two roles: $1 is the school, $2 the person, $3 what is asked for.
//
// What a role never reads is not selected at all. A fact of one learner is asked by index (EXISTS), of many by one set
// that PostgreSQL hashes (IN). Texts are made once, and each is a prepared statement by its name.

const current = (table) =>
  `${table}.valid_from <= current_date AND (${table}.valid_to IS NULL OR ${table}.valid_to > current_date)`;

const FLAGGED = `SELECT f.learner_id FROM usher.learner_flag f
  WHERE f.school_id = $1 AND f.kind = 'RESTRICTED' AND ${current("f")}`;
const FAMILY = `SELECT g.learner_id FROM usher.guardian_link g
  WHERE g.school_id = $1 AND g.guardian_id = $2 AND ${current("g")}`;
const TEACHES = `FROM usher.enrolment e JOIN usher.teaching_assignment t
    ON t.school_id = e.school_id AND t.class_id = e.class_id
  WHERE e.school_id = $1 AND t.school_id = $1 AND t.staff_id = $2`;
const NOW = `${current("e")} AND ${current("t")}`;
const SOON = `greatest(t.valid_from, e.valid_from) > current_date AND (least(t.valid_to, e.valid_to) IS NULL
  OR greatest(t.valid_from, e.valid_from) < least(t.valid_to, e.valid_to))`;
const TRAINED = `EXISTS (SELECT FROM usher.training_certificate c WHERE c.school_id = $1 AND c.person_id = $2
  AND c.course = 'sen' AND c.completed_on <= current_date AND c.expires_on > current_date)`;

// `key` is the column that a fact is about; `many` chooses the form.
const among = (many, set, key, id = "learner_id") =>
  many ? `${key} IN (${set})` : `EXISTS (SELECT FROM (${set}) found WHERE found.${id} = ${key})`;

const special = (element, path) => `(SELECT s.value${path} FROM usher.learner_special s
  WHERE s.school_id = $1 AND s.learner_id = l.learner_id AND s.element = '${element}'
  ORDER BY s.special_id DESC LIMIT 1)`;

function facts(role, many) {
  const flagged = among(many, FLAGGED, "l.learner_id");
  const family = among(many, FAMILY, "l.learner_id");
  if (role === "head") return `${flagged} AS flagged, ${family} AS family, true AS taught, false AS soon, false AS trained`;
  return `${flagged} AS flagged, ${family} AS family,
    ${among(many, `SELECT e.learner_id ${TEACHES} AND ${NOW}`, "l.learner_id")} AS taught,
    ${among(many, `SELECT e.learner_id ${TEACHES} AND ${SOON}`, "l.learner_id")} AS soon,
    ${TRAINED} AS trained`;
}

// A learner with all that hangs from it one to one.
function learner(role, many, which) {
  const contact = role === "head";
  const sen = `l.trained AND (l.taught OR l.soon) AND NOT l.family`;
  return `SELECT l.learner_id AS id, l.given_name, l.family_name, l.preferred_name,
    CASE WHEN l.taught THEN l.gender END AS gender,
    ${contact ? "NULL" : "CASE WHEN l.taught THEN l.first_language END"} AS first_language,
    CASE WHEN (l.taught OR l.soon) AND NOT l.flagged AND NOT l.family THEN l.year_group END AS year_group,
    ${contact ? "NULL" : `CASE WHEN ${sen} THEN ${special("sen_provision", " #>> '{}'")} END`} AS sen_provision,
    ${contact ? "NULL" : `CASE WHEN ${sen} THEN ${special("sen_needs", "")} END`} AS sen_needs,
    ${contact ? "c.email, c.phone, c.address," : ""}
    trim_scale(round(a.attended * 100 / nullif(a.possible, 0)::numeric, 1))::text AS percentage,
    g.name AS tutor_group
  FROM (SELECT l.*, ${facts(role, many)} FROM usher.learner l WHERE l.school_id = $1 ${which} OFFSET 0) l
  ${contact ? "LEFT JOIN usher.learner_contact c ON c.school_id = $1 AND c.learner_id = l.learner_id AND NOT l.family" : ""}
  LEFT JOIN usher.attendance a ON a.school_id = $1 AND a.learner_id = l.learner_id
    AND a.academic_year = (SELECT s.academic_year FROM usher.school s WHERE s.school_id = $1)
    AND l.taught AND NOT l.flagged AND NOT l.family
  LEFT JOIN LATERAL (SELECT g.name FROM usher.tutor_membership m
    JOIN usher.tutor_group g ON g.school_id = m.school_id AND g.tutor_group_id = m.tutor_group_id
    WHERE m.school_id = $1 AND g.school_id = $1 AND m.learner_id = l.learner_id AND ${current("m")} LIMIT 1) g ON true
  ORDER BY l.sort_key, l.learner_id`;
}

const MEMBERS = `AND l.learner_id IN (SELECT e.learner_id FROM usher.enrolment e
  WHERE e.school_id = $1 AND e.class_id = $3 AND ${current("e")})`;
const CLASS = `SELECT c.class_id, c.name FROM usher.class c
  WHERE c.school_id = $1 AND c.class_id = $2 AND c.reveals IS NULL`;
const MEMBER_NAMES = `SELECT l.learner_id AS id, l.given_name, l.family_name, l.preferred_name FROM usher.learner l
  WHERE l.school_id = $1 AND l.learner_id IN (SELECT e.learner_id FROM usher.enrolment e
    WHERE e.school_id = $1 AND e.class_id = $2 AND ${current("e")})
  ORDER BY l.sort_key, l.learner_id`;

// $3 are learners, $4 how many of each.
const EACH = `FROM (SELECT u.id FROM unnest($3::uuid[]) u(id)
  WHERE u.id NOT IN (${FLAGGED}) AND u.id NOT IN (${FAMILY})) l`;
const course = (role, of) => (role === "head" ? "" :
  `AND (${of}.learner_id, ${of}.course_id) IN (SELECT e.learner_id, e.course_id ${TEACHES} AND ${NOW})`);

const grades = (role) => `SELECT l.id AS learner, g.value, g.points ${EACH} CROSS JOIN LATERAL (
    SELECT g.value, trim_scale(g.points)::text AS points, c.name, g.grade_id
    FROM usher.grade g LEFT JOIN usher.course c ON c.school_id = $1 AND c.course_id = g.course_id
    WHERE g.school_id = $1 AND g.learner_id = l.id ${course(role, "g")}
    ORDER BY c.name, g.grade_id LIMIT $4) g
  ORDER BY l.id, g.name, g.grade_id`;

const marks = (role) => `SELECT l.id AS learner, m.score, m.state, a.name AS assessment,
    trim_scale(a.maximum)::text AS maximum
  ${EACH} CROSS JOIN LATERAL (
    SELECT trim_scale(m.score)::text AS score, m.state, m.assessment_id, m.recorded_at, m.mark_id
    FROM usher.mark m WHERE m.school_id = $1 AND m.learner_id = l.id ${course(role, "m")}
    ORDER BY m.recorded_at DESC NULLS LAST, m.mark_id LIMIT $4) m
  LEFT JOIN usher.assessment a ON a.school_id = $1 AND a.assessment_id = m.assessment_id
  ORDER BY l.id, m.recorded_at DESC NULLS LAST, m.mark_id`;

const named = (name, text) => ({ name, text });
const forRole = (role) => ({
  learner: named(`learner-${role}`, learner(role, false, "AND l.learner_id = $3")),
  learners: named(`learners-${role}`,
    learner(role, true, "").replace("OFFSET 0) l", "ORDER BY l.sort_key, l.learner_id LIMIT $3) l")),
  members: named(`members-${role}`, learner(role, true, MEMBERS)),
  memberNames: named("member-names", MEMBER_NAMES),
  class: named("class", CLASS),
  grades: named(`grades-${role}`, grades(role)),
  marks: named(`marks-${role}`, marks(role)),
});

export const statements = { class_teacher: forRole("class_teacher"), head: forRole("head") };
