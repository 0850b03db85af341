CREATE TABLE usher.change_feed (
    school_id UUID NOT NULL,
    person_id UUID NOT NULL,
    last_sequence BIGINT NOT NULL,
    forgotten_to BIGINT NOT NULL,
    mark TEXT COLLATE "C" NOT NULL,
    reckoned_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, person_id)
);

CREATE TABLE usher.feed_row (
    school_id UUID NOT NULL,
    person_id UUID NOT NULL,
    noun TEXT COLLATE "C" NOT NULL,
    row_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    digest TEXT COLLATE "C",
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, person_id, noun, row_id)
);

CREATE INDEX feed_row_sequence ON usher.feed_row (school_id, person_id, sequence);
