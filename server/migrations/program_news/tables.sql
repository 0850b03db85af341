CREATE TABLE usher.client_purge (
    school_id UUID NOT NULL,
    purge_id UUID NOT NULL,
    program_id UUID NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    ended_on DATE NOT NULL,
    due_on DATE NOT NULL,
    begun_at TIMESTAMP WITH TIME ZONE NOT NULL,
    acknowledged_at TIMESTAMP WITH TIME ZONE,
    overdue_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (school_id, purge_id),
    UNIQUE (school_id, program_id, scope, ended_on)
);

CREATE TABLE usher.client_news (
    school_id UUID NOT NULL,
    program_id UUID NOT NULL,
    told TEXT COLLATE "C" NOT NULL,
    told_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, program_id)
);

CREATE TABLE usher.client_webhook (
    client_id TEXT COLLATE "C" NOT NULL,
    url TEXT NOT NULL,
    loopback BOOLEAN NOT NULL,
    registered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    attempts INTEGER NOT NULL,
    failing_since TIMESTAMP WITH TIME ZONE,
    next_at TIMESTAMP WITH TIME ZONE,
    disabled_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (client_id)
);
