CREATE TABLE usher.source_system (
    school_id UUID NOT NULL,
    system TEXT COLLATE "C" NOT NULL,
    program UUID,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, system)
);

CREATE TABLE usher.external_id (
    school_id UUID NOT NULL,
    naming_id UUID NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    system TEXT COLLATE "C" NOT NULL,
    source_id TEXT COLLATE "C" NOT NULL,
    record_id UUID NOT NULL,
    begun_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (school_id, naming_id),
    CONSTRAINT external_id_kind CHECK (kind IN ('LEARNER', 'GUARDIAN', 'STAFF', 'CLASS', 'ENROLMENT'))
);

CREATE UNIQUE INDEX external_id_current ON usher.external_id (school_id, kind, system, source_id) WHERE ended_at IS NULL;

CREATE INDEX external_id_record ON usher.external_id (school_id, kind, record_id);

CREATE TABLE usher.field_master (
    school_id UUID NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    field TEXT COLLATE "C" NOT NULL,
    program UUID,
    set_by UUID NOT NULL,
    set_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, kind, field)
);

CREATE TABLE usher.roster_closing (
    school_id UUID NOT NULL,
    closing_id UUID NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    requested_by UUID NOT NULL,
    requested_at TIMESTAMP WITH TIME ZONE NOT NULL,
    waits BOOLEAN NOT NULL,
    closed INTEGER NOT NULL,
    records JSONB NOT NULL,
    PRIMARY KEY (school_id, closing_id)
);

CREATE INDEX roster_closing_time ON usher.roster_closing (school_id, kind, requested_at);

CREATE TABLE usher.roster_closing_decision (
    school_id UUID NOT NULL,
    closing_id UUID NOT NULL,
    decision TEXT COLLATE "C" NOT NULL,
    decided_by UUID NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (school_id, closing_id),
    CONSTRAINT roster_closing_decision_word CHECK (decision IN ('APPROVED', 'REFUSED'))
);

CREATE TABLE usher.learner_merge (
    school_id UUID NOT NULL,
    merged_id UUID NOT NULL,
    kept_id UUID NOT NULL,
    merged_by UUID NOT NULL,
    merged_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, merged_id)
);

CREATE INDEX learner_merge_kept ON usher.learner_merge (school_id, kept_id);
