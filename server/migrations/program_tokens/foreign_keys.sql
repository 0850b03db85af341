ALTER TABLE usher.token_allowance ADD FOREIGN KEY (school_id) REFERENCES usher.school (school_id);
ALTER TABLE usher.vendor_token ADD FOREIGN KEY (client_id) REFERENCES usher.oauth_client (client_id);
