ALTER TABLE usher.access_snapshot ADD FOREIGN KEY (school_id, policy_version) REFERENCES usher.policy_version (school_id, version);
ALTER TABLE usher.access_snapshot_person ADD FOREIGN KEY (school_id, person_id) REFERENCES usher.person (school_id, person_id);
ALTER TABLE usher.access_snapshot_learner ADD FOREIGN KEY (school_id, learner_id) REFERENCES usher.learner (school_id, learner_id);
