ALTER TABLE usher.oauth_client_key ADD FOREIGN KEY (client_id) REFERENCES usher.oauth_client (client_id);
ALTER TABLE usher.oauth_assertion ADD FOREIGN KEY (client_id) REFERENCES usher.oauth_client (client_id);
ALTER TABLE usher.ended_token ADD FOREIGN KEY (school_id, person_id, capacity) REFERENCES usher.access_profile (school_id, person_id, capacity);
