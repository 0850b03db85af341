ALTER TABLE usher.client_purge ADD FOREIGN KEY (school_id, program_id) REFERENCES usher.person (school_id, person_id);
ALTER TABLE usher.client_news ADD FOREIGN KEY (school_id, program_id) REFERENCES usher.person (school_id, person_id);
ALTER TABLE usher.client_webhook ADD FOREIGN KEY (client_id) REFERENCES usher.oauth_client (client_id);
