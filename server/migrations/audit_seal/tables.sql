ALTER TABLE usher.audit_operation
    ADD COLUMN ip_address TEXT, ADD COLUMN salt UUID, ADD COLUMN user_salt UUID,
    ALTER COLUMN person_id DROP NOT NULL;

CREATE TABLE usher.access_summary (
    school_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    month DATE NOT NULL,
    who TEXT COLLATE "C" NOT NULL,
    times INTEGER NOT NULL,
    computed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, learner_id, month, who)
);

CREATE TABLE usher.access_summary_release (
    school_id UUID NOT NULL,
    release_id UUID NOT NULL,
    released_at TIMESTAMP WITH TIME ZONE NOT NULL,
    released_by UUID NOT NULL,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    withdrawn_by UUID,
    PRIMARY KEY (school_id, release_id)
);

CREATE TABLE usher.audit_seal (
    school_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    sealed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    leaves INTEGER NOT NULL,
    root TEXT NOT NULL,
    previous_sequence BIGINT,
    previous TEXT COLLATE "C",
    digest TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (school_id, sequence),
    UNIQUE (school_id, sequence, digest),
    CONSTRAINT audit_seal_follows CHECK (CASE WHEN sequence = 1 THEN previous_sequence IS NULL AND previous IS NULL
        ELSE coalesce(previous_sequence = sequence - 1, false) AND previous IS NOT NULL END),
    CONSTRAINT audit_seal_counts CHECK (sequence >= 1 AND leaves >= 1)
);

CREATE TABLE usher.audit_leaf (
    school_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    position INTEGER NOT NULL,
    audit_id UUID NOT NULL,
    user_digest TEXT NOT NULL,
    commitment TEXT NOT NULL,
    PRIMARY KEY (school_id, sequence, position),
    UNIQUE (school_id, audit_id)
);

CREATE TABLE usher.audit_subject (
    school_id UUID NOT NULL,
    subject_id UUID NOT NULL,
    audit_id UUID NOT NULL,
    PRIMARY KEY (school_id, subject_id, audit_id)
);

CREATE TABLE usher.job (
    name TEXT COLLATE "C" NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (name)
);

CREATE INDEX audit_operation_person ON usher.audit_operation (school_id, person_id, occurred_at);
CREATE UNIQUE INDEX access_summary_release_live ON usher.access_summary_release (school_id) WHERE withdrawn_at IS NULL;
