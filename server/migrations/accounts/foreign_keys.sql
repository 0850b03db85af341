ALTER TABLE usher.browser_session ADD FOREIGN KEY (account_id) REFERENCES usher.account (account_id);
ALTER TABLE usher.known_browser ADD FOREIGN KEY (account_id) REFERENCES usher.account (account_id);
ALTER TABLE usher.one_time_secret ADD FOREIGN KEY (account_id) REFERENCES usher.account (account_id);
ALTER TABLE usher.passkey ADD FOREIGN KEY (account_id) REFERENCES usher.account (account_id);
ALTER TABLE usher.passkey_challenge ADD FOREIGN KEY (account_id) REFERENCES usher.account (account_id);
ALTER TABLE usher.recovery_code ADD FOREIGN KEY (account_id) REFERENCES usher.account (account_id);
ALTER TABLE usher.mailed_link ADD FOREIGN KEY (account_id) REFERENCES usher.account (account_id);
