ALTER TABLE usher.statistic_census ADD FOREIGN KEY (school_id, taken_by) REFERENCES usher.person (school_id, person_id);

ALTER TABLE usher.statistic_figure ADD FOREIGN KEY (school_id, school_year, measure)
    REFERENCES usher.statistic_census (school_id, school_year, measure);
