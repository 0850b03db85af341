ALTER TABLE usher.client_documents ADD FOREIGN KEY (client_id) REFERENCES usher.oauth_client (client_id);
ALTER TABLE usher.trusted_document ADD FOREIGN KEY (client_id) REFERENCES usher.oauth_client (client_id);
ALTER TABLE usher.document_report ADD FOREIGN KEY (client_id) REFERENCES usher.oauth_client (client_id);
