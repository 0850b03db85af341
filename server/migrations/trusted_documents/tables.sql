CREATE TABLE usher.client_documents (
    client_id TEXT COLLATE "C" NOT NULL,
    mode TEXT COLLATE "C",
    version BIGINT NOT NULL,
    PRIMARY KEY (client_id),
    CONSTRAINT client_documents_mode CHECK (mode IN ('open', 'report-only', 'enforced'))
);

CREATE TABLE usher.trusted_document (
    client_id TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    text TEXT NOT NULL,
    registered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (client_id, digest)
);

CREATE TABLE usher.document_report (
    client_id TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    first_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_at TIMESTAMP WITH TIME ZONE NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (client_id, digest)
);
