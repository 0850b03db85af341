ALTER TABLE usher.source_system ADD FOREIGN KEY (school_id) REFERENCES usher.school (school_id);
ALTER TABLE usher.source_system ADD FOREIGN KEY (school_id, program) REFERENCES usher.person (school_id, person_id);
ALTER TABLE usher.external_id ADD FOREIGN KEY (school_id) REFERENCES usher.school (school_id);
ALTER TABLE usher.field_master ADD FOREIGN KEY (school_id) REFERENCES usher.school (school_id);
ALTER TABLE usher.field_master ADD FOREIGN KEY (school_id, program) REFERENCES usher.person (school_id, person_id);
ALTER TABLE usher.roster_closing ADD FOREIGN KEY (school_id) REFERENCES usher.school (school_id);
ALTER TABLE usher.roster_closing_decision ADD FOREIGN KEY (school_id, closing_id) REFERENCES usher.roster_closing (school_id, closing_id);
ALTER TABLE usher.learner_merge ADD FOREIGN KEY (school_id, merged_id) REFERENCES usher.learner (school_id, learner_id);
ALTER TABLE usher.learner_merge ADD FOREIGN KEY (school_id, kept_id) REFERENCES usher.learner (school_id, learner_id);
