CREATE TABLE usher.oauth_client (
    client_id TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    method TEXT COLLATE "C" NOT NULL,
    secret_digest TEXT COLLATE "C",
    registered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (client_id),
    CONSTRAINT oauth_client_method CHECK (method IN ('client_secret_basic', 'private_key_jwt')),
    CONSTRAINT oauth_client_secret CHECK ((method = 'client_secret_basic') = (secret_digest IS NOT NULL))
);

CREATE TABLE usher.oauth_client_key (
    client_id TEXT COLLATE "C" NOT NULL,
    kid TEXT COLLATE "C" NOT NULL,
    jwk JSONB NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (client_id, kid)
);

CREATE TABLE usher.oauth_assertion (
    client_id TEXT COLLATE "C" NOT NULL,
    jti TEXT COLLATE "C" NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (client_id, jti)
);

CREATE INDEX oauth_assertion_expiry ON usher.oauth_assertion (expires_at);

CREATE TABLE usher.ended_token (
    school_id UUID NOT NULL,
    token_id TEXT COLLATE "C" NOT NULL,
    person_id UUID NOT NULL,
    capacity TEXT COLLATE "C" NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, token_id)
);

CREATE INDEX ended_token_person ON usher.ended_token (school_id, person_id);
