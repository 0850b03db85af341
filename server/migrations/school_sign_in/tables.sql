CREATE TABLE usher.school_provider (
    provider_id UUID NOT NULL,
    school_id UUID NOT NULL,
    school_name TEXT NOT NULL,
    issuer TEXT COLLATE "C" NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    sealed TEXT NOT NULL,
    tenant_claim TEXT COLLATE "C",
    tenant TEXT COLLATE "C",
    factor TEXT COLLATE "C",
    registered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (provider_id),
    CONSTRAINT school_provider_claim CHECK (tenant_claim IN ('hd', 'tid')),
    CONSTRAINT school_provider_tenant CHECK ((tenant_claim IS NULL) = (tenant IS NULL))
);

CREATE INDEX school_provider_school ON usher.school_provider (school_id);

CREATE TABLE usher.school_sign_in (
    state_digest TEXT COLLATE "C" NOT NULL,
    cookie_digest TEXT COLLATE "C" NOT NULL,
    provider_id UUID NOT NULL,
    account_id UUID,
    next TEXT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (state_digest)
);

CREATE INDEX school_sign_in_expiry ON usher.school_sign_in (expires_at);

CREATE TABLE usher.federated_identity (
    identity_id UUID NOT NULL,
    issuer TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    account_id UUID NOT NULL,
    provider_id UUID NOT NULL,
    linked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (identity_id),
    UNIQUE (issuer, subject),
    UNIQUE (account_id, provider_id)
);
