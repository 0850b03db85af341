CREATE TABLE usher.access_snapshot (
    school_id UUID NOT NULL,
    taken_on DATE NOT NULL,
    taken_at TIMESTAMP WITH TIME ZONE NOT NULL,
    policy_version INTEGER NOT NULL,
    shared JSONB NOT NULL,
    staff TEXT[] NOT NULL,
    PRIMARY KEY (school_id, taken_on)
);

CREATE TABLE usher.access_snapshot_person (
    school_id UUID NOT NULL,
    person_id UUID NOT NULL,
    capacity TEXT COLLATE "C" NOT NULL,
    taken_on DATE NOT NULL,
    present BOOLEAN NOT NULL,
    roles TEXT[] NOT NULL,
    facts TEXT[] NOT NULL,
    relations JSONB NOT NULL,
    PRIMARY KEY (school_id, person_id, capacity, taken_on)
);

CREATE TABLE usher.access_snapshot_learner (
    school_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    taken_on DATE NOT NULL,
    held JSONB NOT NULL,
    PRIMARY KEY (school_id, learner_id, taken_on)
);
