CREATE TABLE usher.sign_off (
    sign_off_id UUID NOT NULL,
    specification_id UUID,
    boundary_set_id UUID,
    entered_by TEXT COLLATE "C",
    checked_by TEXT COLLATE "C",
    file_digest TEXT COLLATE "C",
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (sign_off_id),
    CONSTRAINT sign_off_of_one CHECK (num_nonnulls(specification_id, boundary_set_id) = 1),
    CONSTRAINT sign_off_by_somebody CHECK (num_nonnulls(entered_by, checked_by) > 0)
);
