CREATE TABLE usher.oauth_redirect (
    client_id TEXT COLLATE "C" NOT NULL,
    uri TEXT COLLATE "C" NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (client_id, uri)
);

CREATE TABLE usher.pushed_request (
    request_digest TEXT COLLATE "C" NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    parameters JSONB NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (request_digest)
);

CREATE INDEX pushed_request_expiry ON usher.pushed_request (client_id, expires_at);

CREATE TABLE usher.app_consent (
    consent_id UUID NOT NULL,
    account_id UUID NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    school_id UUID NOT NULL,
    person_id UUID NOT NULL,
    capacity TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    given_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (consent_id)
);

CREATE INDEX app_consent_account ON usher.app_consent (account_id);

CREATE TABLE usher.authorization_code (
    code_digest TEXT COLLATE "C" NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    account_id UUID NOT NULL,
    session_id UUID,
    school_id UUID NOT NULL,
    person_id UUID NOT NULL,
    capacity TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    consent_id UUID,
    redirect_uri TEXT COLLATE "C" NOT NULL,
    challenge TEXT COLLATE "C" NOT NULL,
    jkt TEXT COLLATE "C",
    authenticated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    factor BOOLEAN NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    family_id UUID,
    PRIMARY KEY (code_digest)
);

CREATE INDEX authorization_code_expiry ON usher.authorization_code (client_id, expires_at);

CREATE TABLE usher.token_family (
    family_id UUID NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    account_id UUID NOT NULL,
    session_id UUID,
    school_id UUID NOT NULL,
    person_id UUID NOT NULL,
    capacity TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    consent_id UUID,
    jkt TEXT COLLATE "C",
    authenticated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    factor BOOLEAN NOT NULL,
    begun_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    ending TEXT COLLATE "C",
    PRIMARY KEY (family_id),
    CONSTRAINT token_family_ended CHECK ((ended_at IS NULL) = (ending IS NULL))
);

CREATE INDEX token_family_account ON usher.token_family (account_id);

CREATE INDEX token_family_client ON usher.token_family (client_id);

CREATE INDEX token_family_session ON usher.token_family (session_id);

CREATE TABLE usher.refresh_token (
    token_digest TEXT COLLATE "C" NOT NULL,
    family_id UUID NOT NULL,
    given_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (token_digest)
);

CREATE INDEX refresh_token_family ON usher.refresh_token (family_id);

CREATE TABLE usher.dpop_proof (
    jkt TEXT COLLATE "C" NOT NULL,
    jti TEXT COLLATE "C" NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (jkt, jti)
);

CREATE INDEX dpop_proof_expiry ON usher.dpop_proof (expires_at);
