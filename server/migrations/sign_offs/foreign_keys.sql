ALTER TABLE usher.sign_off ADD FOREIGN KEY (specification_id) REFERENCES usher.specification (specification_id);
ALTER TABLE usher.sign_off ADD FOREIGN KEY (boundary_set_id) REFERENCES usher.boundary_set (boundary_set_id);
