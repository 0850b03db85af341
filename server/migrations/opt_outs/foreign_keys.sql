ALTER TABLE usher.client_opt_out ADD FOREIGN KEY (school_id, learner_id) REFERENCES usher.learner (school_id, learner_id);
ALTER TABLE usher.client_opt_out ADD FOREIGN KEY (school_id, program_id) REFERENCES usher.person (school_id, person_id);
