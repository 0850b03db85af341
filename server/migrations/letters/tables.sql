CREATE TABLE usher.letter (
    letter_id UUID NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    recipient_digest TEXT COLLATE "C" NOT NULL,
    sealed TEXT,
    queued_at TIMESTAMP WITH TIME ZONE NOT NULL,
    attempts INTEGER NOT NULL,
    fault TEXT,
    outcome TEXT COLLATE "C",
    ended_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (letter_id),
    CONSTRAINT letter_ended CHECK ((outcome IS NULL) = (ended_at IS NULL)),
    CONSTRAINT letter_outcome CHECK (outcome IN ('SENT', 'GIVEN_UP')),
    CONSTRAINT letter_erased CHECK (outcome IS DISTINCT FROM 'SENT' OR sealed IS NULL)
);

CREATE INDEX letter_queued ON usher.letter (queued_at);

CREATE TABLE usher.letter_key (
    kid TEXT COLLATE "C" NOT NULL,
    jwk JSONB NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (kid)
);
