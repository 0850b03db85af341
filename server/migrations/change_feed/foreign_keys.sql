ALTER TABLE usher.change_feed ADD FOREIGN KEY (school_id, person_id) REFERENCES usher.person (school_id, person_id);
ALTER TABLE usher.feed_row ADD FOREIGN KEY (school_id, person_id) REFERENCES usher.change_feed (school_id, person_id);
