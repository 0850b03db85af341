ALTER TABLE usher.access_summary ADD FOREIGN KEY (school_id, learner_id) REFERENCES usher.learner (school_id, learner_id);
ALTER TABLE usher.access_summary_release ADD FOREIGN KEY (school_id, released_by) REFERENCES usher.person (school_id, person_id);
ALTER TABLE usher.access_summary_release ADD FOREIGN KEY (school_id, withdrawn_by) REFERENCES usher.person (school_id, person_id);
ALTER TABLE usher.audit_seal ADD FOREIGN KEY (school_id) REFERENCES usher.school (school_id);
ALTER TABLE usher.audit_seal ADD FOREIGN KEY (school_id, previous_sequence, previous) REFERENCES usher.audit_seal (school_id, sequence, digest);
ALTER TABLE usher.audit_leaf ADD FOREIGN KEY (school_id, sequence) REFERENCES usher.audit_seal (school_id, sequence);
ALTER TABLE usher.audit_subject ADD FOREIGN KEY (school_id, audit_id) REFERENCES usher.audit_operation (school_id, audit_id);
