CREATE TABLE usher.token_allowance (
    school_id UUID NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    began_at TIMESTAMP WITH TIME ZONE NOT NULL,
    given INTEGER NOT NULL,
    last_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, client_id)
);

CREATE TABLE usher.vendor_token (
    token_id TEXT COLLATE "C" NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    given_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (token_id)
);

CREATE INDEX vendor_token_client ON usher.vendor_token (client_id, given_at);
