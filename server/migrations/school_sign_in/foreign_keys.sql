ALTER TABLE usher.school_sign_in ADD FOREIGN KEY (provider_id) REFERENCES usher.school_provider (provider_id);
ALTER TABLE usher.school_sign_in ADD FOREIGN KEY (account_id) REFERENCES usher.account (account_id);
ALTER TABLE usher.federated_identity ADD FOREIGN KEY (account_id) REFERENCES usher.account (account_id);
ALTER TABLE usher.federated_identity ADD FOREIGN KEY (provider_id) REFERENCES usher.school_provider (provider_id);
