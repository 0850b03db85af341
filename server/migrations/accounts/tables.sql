CREATE TABLE usher.account (
    account_id UUID NOT NULL,
    identity TEXT COLLATE "C" NOT NULL,
    email TEXT,
    password_hash TEXT,
    password_at TIMESTAMP WITH TIME ZONE,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (account_id),
    UNIQUE (identity)
);

CREATE TABLE usher.browser_session (
    session_id UUID NOT NULL,
    account_id UUID NOT NULL,
    cookie_digest TEXT COLLATE "C" NOT NULL,
    agent TEXT NOT NULL,
    begun_at TIMESTAMP WITH TIME ZONE NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    factor_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (session_id),
    UNIQUE (cookie_digest)
);

CREATE INDEX browser_session_account ON usher.browser_session (account_id);

CREATE TABLE usher.known_browser (
    account_id UUID NOT NULL,
    cookie_digest TEXT COLLATE "C" NOT NULL,
    known_at TIMESTAMP WITH TIME ZONE NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (account_id, cookie_digest)
);

CREATE INDEX known_browser_cookie ON usher.known_browser (cookie_digest);

CREATE TABLE usher.one_time_secret (
    secret_id UUID NOT NULL,
    account_id UUID NOT NULL,
    sealed TEXT NOT NULL,
    last_step BIGINT,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (secret_id)
);

CREATE INDEX one_time_secret_account ON usher.one_time_secret (account_id);

CREATE TABLE usher.passkey (
    credential_id TEXT COLLATE "C" NOT NULL,
    account_id UUID NOT NULL,
    public_key TEXT NOT NULL,
    sign_count BIGINT NOT NULL,
    name TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (credential_id)
);

CREATE INDEX passkey_account ON usher.passkey (account_id);

CREATE TABLE usher.passkey_challenge (
    challenge_digest TEXT COLLATE "C" NOT NULL,
    account_id UUID,
    purpose TEXT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (challenge_digest),
    CONSTRAINT passkey_challenge_purpose CHECK (purpose IN ('register', 'authenticate'))
);

CREATE INDEX passkey_challenge_expiry ON usher.passkey_challenge (expires_at);

CREATE TABLE usher.recovery_code (
    account_id UUID NOT NULL,
    code_digest TEXT COLLATE "C" NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (account_id, code_digest)
);

CREATE TABLE usher.mailed_link (
    token_digest TEXT COLLATE "C" NOT NULL,
    account_id UUID NOT NULL,
    purpose TEXT NOT NULL,
    email TEXT,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (token_digest),
    CONSTRAINT mailed_link_purpose CHECK (purpose IN ('password_reset', 'confirm_address'))
);

CREATE INDEX mailed_link_account ON usher.mailed_link (account_id);

CREATE TABLE usher.sign_in_attempt (
    subject TEXT COLLATE "C" NOT NULL,
    failures INTEGER NOT NULL,
    last_at TIMESTAMP WITH TIME ZONE NOT NULL,
    open_at TIMESTAMP WITH TIME ZONE NOT NULL,
    told_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (subject)
);

CREATE INDEX sign_in_attempt_last ON usher.sign_in_attempt (last_at);
