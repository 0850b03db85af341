INSERT INTO usher.special_element (element, course) VALUES
    ('medical', 'sen'), ('sen_provision', 'sen'), ('sen_needs', 'sen'), ('access_arrangements', 'sen'),
    ('pupil_premium', 'welfare'), ('free_school_meals', 'welfare'), ('looked_after', 'welfare'),
    ('service_child', 'welfare'), ('ethnicity', 'equality');
