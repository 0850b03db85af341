ALTER TABLE usher.window_grading ADD FOREIGN KEY (school_id, window_id) REFERENCES usher.assessment_window (school_id, window_id);
ALTER TABLE usher.window_grading ADD FOREIGN KEY (school_id, course_id) REFERENCES usher.course (school_id, course_id);
ALTER TABLE usher.window_grading ADD FOREIGN KEY (specification_id) REFERENCES usher.specification (specification_id);
ALTER TABLE usher.window_grading ADD FOREIGN KEY (boundary_set_id) REFERENCES usher.boundary_set (boundary_set_id);
ALTER TABLE usher.course_scale ADD FOREIGN KEY (school_id, course_id) REFERENCES usher.course (school_id, course_id);
ALTER TABLE usher.target_version ADD FOREIGN KEY (school_id, academic_year, target_id) REFERENCES usher.target (school_id, academic_year, target_id);
