CREATE TABLE usher.measure_table (
    measure_table_id UUID NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    content TEXT NOT NULL,
    imported_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (measure_table_id),
    UNIQUE (name, version),
    UNIQUE (digest)
);
