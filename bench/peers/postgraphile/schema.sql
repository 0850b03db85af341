-- What PostGraphile shows: views of their own schema over Usher's tables, the policy as row-level security for the
-- views' owner, as CASE where it hides a field of a row, and as column grants for the roles that requests run as.
--
-- Facts are EXISTS, which the planner probes by index for one learner and hashes for many; settings are read once a
-- statement, as (SELECT ...). Made by the bench, and dropped after it.

CREATE SCHEMA peers AUTHORIZATION peers_owner;
CREATE SCHEMA peers_facts AUTHORIZATION peers_owner;
GRANT USAGE ON SCHEMA usher TO peers_owner;
GRANT USAGE ON SCHEMA peers TO peers_postgraphile, peers_teacher, peers_head;
SET LOCAL ROLE peers_owner;

CREATE FUNCTION peers_facts.school() RETURNS uuid STABLE PARALLEL SAFE LANGUAGE sql AS
$$ SELECT nullif(current_setting('app.school_id', true), '')::uuid $$;
CREATE FUNCTION peers_facts.person() RETURNS uuid STABLE PARALLEL SAFE LANGUAGE sql AS
$$ SELECT nullif(current_setting('app.person', true), '')::uuid $$;
CREATE FUNCTION peers_facts.is_head() RETURNS boolean STABLE PARALLEL SAFE LANGUAGE sql AS
$$ SELECT current_setting('role') = 'peers_head' $$;
-- Who may read what identifies a learner elsewhere, and special categories but SEN: nobody of the two that are compared.
CREATE FUNCTION peers_facts.is_data_manager() RETURNS boolean STABLE PARALLEL SAFE LANGUAGE sql AS
$$ SELECT current_setting('role') = 'peers_data_manager' $$;
RESET ROLE;

-- Rows: a school's own, and of them what the person's role reaches.

CREATE POLICY peers ON usher.school TO peers_owner USING (school_id = (SELECT peers_facts.school()));
CREATE POLICY peers ON usher.learner TO peers_owner USING (school_id = (SELECT peers_facts.school()));
CREATE POLICY peers ON usher.class TO peers_owner USING (school_id = (SELECT peers_facts.school()) AND reveals IS NULL);
CREATE POLICY peers ON usher.course TO peers_owner USING (school_id = (SELECT peers_facts.school()));
CREATE POLICY peers ON usher.assessment TO peers_owner USING (school_id = (SELECT peers_facts.school()));
CREATE POLICY peers ON usher.tutor_group TO peers_owner USING (school_id = (SELECT peers_facts.school()));
CREATE POLICY peers ON usher.tutor_membership TO peers_owner USING (
  school_id = (SELECT peers_facts.school()) AND valid_from <= current_date AND (valid_to IS NULL OR valid_to > current_date));
CREATE POLICY peers ON usher.enrolment TO peers_owner USING (school_id = (SELECT peers_facts.school()));
CREATE POLICY peers ON usher.teaching_assignment TO peers_owner USING (
  school_id = (SELECT peers_facts.school()) AND staff_id = (SELECT peers_facts.person()));
CREATE POLICY peers ON usher.training_certificate TO peers_owner USING (
  school_id = (SELECT peers_facts.school()) AND person_id = (SELECT peers_facts.person())
  AND completed_on <= current_date AND expires_on > current_date);
CREATE POLICY peers ON usher.learner_flag TO peers_owner USING (
  school_id = (SELECT peers_facts.school()) AND kind = 'RESTRICTED'
  AND valid_from <= current_date AND (valid_to IS NULL OR valid_to > current_date));
CREATE POLICY peers ON usher.guardian_link TO peers_owner USING (
  school_id = (SELECT peers_facts.school()) AND guardian_id = (SELECT peers_facts.person())
  AND valid_from <= current_date AND (valid_to IS NULL OR valid_to > current_date));

GRANT SELECT (school_id, academic_year) ON usher.school TO peers_owner;
GRANT SELECT ON usher.learner, usher.class, usher.course, usher.assessment, usher.tutor_group, usher.tutor_membership,
  usher.enrolment, usher.teaching_assignment, usher.training_certificate, usher.special_element, usher.learner_flag,
  usher.guardian_link, usher.attendance, usher.learner_contact, usher.learner_special, usher.grade, usher.mark
  TO peers_owner;

-- Facts, as views that each policy below names. No role of a request may read them.

SET LOCAL ROLE peers_owner;
CREATE VIEW peers_facts.taught AS
SELECT e.learner_id, e.course_id
FROM usher.enrolment e JOIN usher.teaching_assignment t ON t.school_id = e.school_id AND t.class_id = e.class_id
WHERE e.valid_from <= current_date AND (e.valid_to IS NULL OR e.valid_to > current_date)
  AND t.valid_from <= current_date AND (t.valid_to IS NULL OR t.valid_to > current_date);
CREATE VIEW peers_facts.taught_next AS
SELECT e.learner_id
FROM usher.enrolment e JOIN usher.teaching_assignment t ON t.school_id = e.school_id AND t.class_id = e.class_id
WHERE greatest(t.valid_from, e.valid_from) > current_date
  AND (least(t.valid_to, e.valid_to) IS NULL
    OR greatest(t.valid_from, e.valid_from) < least(t.valid_to, e.valid_to));
RESET ROLE;

CREATE POLICY peers ON usher.attendance TO peers_owner USING (
  school_id = (SELECT peers_facts.school())
  AND NOT EXISTS (SELECT FROM usher.learner_flag f WHERE f.learner_id = attendance.learner_id)
  AND NOT EXISTS (SELECT FROM usher.guardian_link g WHERE g.learner_id = attendance.learner_id)
  AND ((SELECT peers_facts.is_head()) OR EXISTS (SELECT FROM peers_facts.taught t WHERE t.learner_id = attendance.learner_id)));
CREATE POLICY peers ON usher.learner_contact TO peers_owner USING (
  school_id = (SELECT peers_facts.school()) AND (SELECT peers_facts.is_head())
  AND NOT EXISTS (SELECT FROM usher.guardian_link g WHERE g.learner_id = learner_contact.learner_id));
CREATE POLICY peers ON usher.learner_special TO peers_owner USING (school_id = (SELECT peers_facts.school()));
CREATE POLICY peers ON usher.grade TO peers_owner USING (
  school_id = (SELECT peers_facts.school())
  AND NOT EXISTS (SELECT FROM usher.learner_flag f WHERE f.learner_id = grade.learner_id)
  AND NOT EXISTS (SELECT FROM usher.guardian_link g WHERE g.learner_id = grade.learner_id)
  AND ((SELECT peers_facts.is_head())
    OR EXISTS (SELECT FROM peers_facts.taught t WHERE t.learner_id = grade.learner_id AND t.course_id = grade.course_id)));
CREATE POLICY peers ON usher.mark TO peers_owner USING (
  school_id = (SELECT peers_facts.school())
  AND NOT EXISTS (SELECT FROM usher.learner_flag f WHERE f.learner_id = mark.learner_id)
  AND NOT EXISTS (SELECT FROM usher.guardian_link g WHERE g.learner_id = mark.learner_id)
  AND ((SELECT peers_facts.is_head())
    OR EXISTS (SELECT FROM peers_facts.taught t WHERE t.learner_id = mark.learner_id AND t.course_id = mark.course_id)));

-- What is shown.

SET LOCAL ROLE peers_owner;
CREATE VIEW peers.learner AS
SELECT
  l.learner_id, l.given_name, l.family_name, l.preferred_name, l.sort_key,
  CASE WHEN (SELECT peers_facts.is_head()) OR EXISTS (SELECT FROM peers_facts.taught t WHERE t.learner_id = l.learner_id)
    THEN l.gender END AS gender,
  CASE WHEN NOT (SELECT peers_facts.is_head()) AND EXISTS (SELECT FROM peers_facts.taught t WHERE t.learner_id = l.learner_id)
    THEN l.first_language END AS first_language,
  CASE WHEN NOT EXISTS (SELECT FROM usher.learner_flag f WHERE f.learner_id = l.learner_id)
    AND NOT EXISTS (SELECT FROM usher.guardian_link g WHERE g.learner_id = l.learner_id)
    AND ((SELECT peers_facts.is_head())
      OR EXISTS (SELECT FROM peers_facts.taught t WHERE t.learner_id = l.learner_id)
      OR EXISTS (SELECT FROM peers_facts.taught_next t WHERE t.learner_id = l.learner_id))
    THEN l.year_group END AS year_group,
  CASE WHEN (SELECT peers_facts.is_data_manager()) THEN l.date_of_birth END AS date_of_birth,
  CASE WHEN (SELECT peers_facts.is_data_manager()) THEN l.upn END AS upn,
  CASE WHEN (SELECT peers_facts.is_data_manager()) THEN l.mis_id END AS mis_id,
  CASE WHEN (SELECT NOT peers_facts.is_head() AND EXISTS (SELECT FROM usher.training_certificate c WHERE c.course = 'sen'))
    AND NOT EXISTS (SELECT FROM usher.guardian_link g WHERE g.learner_id = l.learner_id)
    AND (EXISTS (SELECT FROM peers_facts.taught t WHERE t.learner_id = l.learner_id)
      OR EXISTS (SELECT FROM peers_facts.taught_next t WHERE t.learner_id = l.learner_id)) THEN (
    SELECT s.value #>> '{}' FROM usher.learner_special s
    WHERE s.school_id = l.school_id AND s.learner_id = l.learner_id AND s.element = 'sen_provision'
    ORDER BY s.special_id DESC LIMIT 1) END AS sen_provision,
  CASE WHEN (SELECT NOT peers_facts.is_head() AND EXISTS (SELECT FROM usher.training_certificate c WHERE c.course = 'sen'))
    AND NOT EXISTS (SELECT FROM usher.guardian_link g WHERE g.learner_id = l.learner_id)
    AND (EXISTS (SELECT FROM peers_facts.taught t WHERE t.learner_id = l.learner_id)
      OR EXISTS (SELECT FROM peers_facts.taught_next t WHERE t.learner_id = l.learner_id)) THEN (
    SELECT s.value FROM usher.learner_special s
    WHERE s.school_id = l.school_id AND s.learner_id = l.learner_id AND s.element = 'sen_needs'
    ORDER BY s.special_id DESC LIMIT 1) END AS sen_needs,
  CASE WHEN (SELECT peers_facts.is_data_manager()) THEN (
    SELECT s.value #>> '{}' FROM usher.learner_special s
    WHERE s.school_id = l.school_id AND s.learner_id = l.learner_id AND s.element = 'ethnicity'
    ORDER BY s.special_id DESC LIMIT 1) END AS ethnicity,
  CASE WHEN (SELECT peers_facts.is_data_manager()) THEN (
    SELECT s.value ->> 'reason' FROM usher.learner_special s
    WHERE s.school_id = l.school_id AND s.learner_id = l.learner_id AND s.element = 'pupil_premium'
    ORDER BY s.special_id DESC LIMIT 1) END AS pupil_premium_reason,
  CASE WHEN (SELECT peers_facts.is_data_manager()) THEN (
    SELECT s.value FROM usher.learner_special s
    WHERE s.school_id = l.school_id AND s.learner_id = l.learner_id AND s.element = 'free_school_meals'
    ORDER BY s.special_id DESC LIMIT 1) END AS free_school_meals,
  CASE WHEN (SELECT peers_facts.is_data_manager()) THEN (
    SELECT s.value FROM usher.learner_special s
    WHERE s.school_id = l.school_id AND s.learner_id = l.learner_id AND s.element = 'looked_after'
    ORDER BY s.special_id DESC LIMIT 1) END AS looked_after
FROM usher.learner l;
COMMENT ON VIEW peers.learner IS E'@primaryKey learner_id';

CREATE VIEW peers.contact AS SELECT learner_id, email, phone, address FROM usher.learner_contact;
COMMENT ON VIEW peers.contact IS
  E'@primaryKey learner_id\n@foreignKey (learner_id) references learner (learner_id)|@fieldName learner|@foreignSingleFieldName contact';

CREATE VIEW peers.attendance AS
SELECT learner_id, trim_scale(round(attended * 100 / nullif(possible, 0)::numeric, 1))::text AS percentage
FROM usher.attendance WHERE academic_year = (SELECT s.academic_year FROM usher.school s);
COMMENT ON VIEW peers.attendance IS
  E'@primaryKey learner_id\n@foreignKey (learner_id) references learner (learner_id)|@fieldName learner|@foreignSingleFieldName attendance';

CREATE VIEW peers.tutor_group AS
SELECT m.learner_id, g.name
FROM usher.tutor_membership m
JOIN usher.tutor_group g ON g.school_id = m.school_id AND g.tutor_group_id = m.tutor_group_id;
COMMENT ON VIEW peers.tutor_group IS
  E'@primaryKey learner_id\n@foreignKey (learner_id) references learner (learner_id)|@fieldName learner|@foreignSingleFieldName tutorGroup';

CREATE VIEW peers.class AS SELECT class_id, name FROM usher.class;
COMMENT ON VIEW peers.class IS E'@primaryKey class_id';

CREATE VIEW peers.class_member AS
SELECT e.class_id, e.learner_id, l.sort_key
FROM usher.enrolment e JOIN usher.learner l ON l.school_id = e.school_id AND l.learner_id = e.learner_id
WHERE e.valid_from <= current_date AND (e.valid_to IS NULL OR e.valid_to > current_date);
COMMENT ON VIEW peers.class_member IS
  E'@primaryKey class_id,learner_id\n@foreignKey (class_id) references class (class_id)|@fieldName class|@foreignFieldName members\n@foreignKey (learner_id) references learner (learner_id)|@fieldName learner|@foreignFieldName memberships';

CREATE VIEW peers.grade AS
SELECT g.grade_id, g.learner_id, g.value, trim_scale(g.points)::text AS points, c.name AS course_name
FROM usher.grade g LEFT JOIN usher.course c ON c.school_id = g.school_id AND c.course_id = g.course_id;
COMMENT ON VIEW peers.grade IS
  E'@primaryKey grade_id\n@foreignKey (learner_id) references learner (learner_id)|@fieldName learner|@foreignFieldName grades';

CREATE VIEW peers.assessment AS
SELECT assessment_id, name, trim_scale(maximum)::text AS maximum FROM usher.assessment;
COMMENT ON VIEW peers.assessment IS E'@primaryKey assessment_id';

CREATE VIEW peers.mark AS
SELECT mark_id, learner_id, assessment_id, state, trim_scale(score)::text AS score, recorded_at FROM usher.mark;
COMMENT ON VIEW peers.mark IS
  E'@primaryKey mark_id\n@foreignKey (learner_id) references learner (learner_id)|@fieldName learner|@foreignFieldName marks\n@foreignKey (assessment_id) references assessment (assessment_id)|@fieldName assessment|@foreignFieldName marks';

-- Column grants: what each of the two roles may select. Keys that only policies and orders need stay out of mutations.
GRANT SELECT (learner_id, given_name, family_name, preferred_name, sort_key, gender, first_language, year_group,
  date_of_birth, upn, mis_id, sen_provision, sen_needs, ethnicity, pupil_premium_reason, free_school_meals, looked_after)
  ON peers.learner TO peers_teacher, peers_head;
GRANT SELECT (learner_id, email, phone, address) ON peers.contact TO peers_teacher, peers_head;
GRANT SELECT (learner_id, percentage) ON peers.attendance TO peers_teacher, peers_head;
GRANT SELECT (learner_id, name) ON peers.tutor_group TO peers_teacher, peers_head;
GRANT SELECT (class_id, name) ON peers.class TO peers_teacher, peers_head;
GRANT SELECT (class_id, learner_id, sort_key) ON peers.class_member TO peers_teacher, peers_head;
GRANT SELECT (grade_id, learner_id, value, points, course_name) ON peers.grade TO peers_teacher, peers_head;
GRANT SELECT (assessment_id, name, maximum) ON peers.assessment TO peers_teacher, peers_head;
GRANT SELECT (mark_id, learner_id, assessment_id, state, score, recorded_at) ON peers.mark TO peers_teacher, peers_head;
RESET ROLE;
