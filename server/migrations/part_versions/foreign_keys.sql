ALTER TABLE usher.mark_part_version ADD FOREIGN KEY (school_id, academic_year, mark_id) REFERENCES usher.mark (school_id, academic_year, mark_id);
