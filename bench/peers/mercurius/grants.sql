-- Mercurius asks with its policy in the statements, schools told apart there too: no wall stands behind it.

GRANT SELECT ON usher.school, usher.learner, usher.class, usher.course, usher.assessment, usher.tutor_group,
  usher.tutor_membership, usher.enrolment, usher.teaching_assignment, usher.training_certificate, usher.learner_flag,
  usher.guardian_link, usher.attendance, usher.learner_contact, usher.learner_special, usher.grade, usher.mark
  TO peers_mercurius;
DO $$
DECLARE
  named regclass;
BEGIN
  FOR named IN
    SELECT c.oid FROM pg_class c WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND has_table_privilege('peers_mercurius', c.oid, 'SELECT') AND c.relnamespace = 'usher'::regnamespace
  LOOP
    EXECUTE format('CREATE POLICY peers_mercurius ON %s FOR SELECT TO peers_mercurius USING (true)', named);
  END LOOP;
END $$;
