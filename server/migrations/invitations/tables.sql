CREATE TABLE usher.app_activation (
    school_id UUID NOT NULL,
    activation_id UUID NOT NULL,
    app TEXT COLLATE "C" NOT NULL,
    assessment TEXT NOT NULL,
    declaration TEXT NOT NULL,
    decided_by UUID,
    decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, activation_id),
    CONSTRAINT app_activation_app CHECK (app IN ('PARENT', 'LEARNER')),
    CONSTRAINT app_activation_assessment CHECK (length(btrim(assessment)) > 0),
    CONSTRAINT app_activation_declaration CHECK (length(btrim(declaration)) >= 10)
);

CREATE INDEX app_activation_app_of_school ON usher.app_activation (school_id, app);

CREATE TABLE usher.app_activation_end (
    school_id UUID NOT NULL,
    activation_id UUID NOT NULL,
    ended_by UUID NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (school_id, activation_id),
    CONSTRAINT app_activation_end_reason CHECK (length(btrim(reason)) >= 10)
);

CREATE TABLE usher.invitation (
    school_id UUID NOT NULL,
    invitation_id UUID NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    person_id UUID NOT NULL,
    learner_id UUID,
    link_id UUID,
    delivery TEXT COLLATE "C" NOT NULL,
    confirmation_digest TEXT COLLATE "C",
    invited_by UUID NOT NULL,
    invited_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (school_id, invitation_id),
    CONSTRAINT invitation_kind CHECK (kind IN ('STAFF', 'PARENT', 'LEARNER')),
    CONSTRAINT invitation_delivery CHECK (delivery IN ('MAIL', 'PAPER')),
    CONSTRAINT invitation_link CHECK ((kind = 'PARENT') = (link_id IS NOT NULL)),
    CONSTRAINT invitation_learner CHECK ((kind = 'STAFF') = (learner_id IS NULL)),
    CONSTRAINT invitation_own CHECK (kind <> 'LEARNER' OR learner_id = person_id),
    CONSTRAINT invitation_of_staff CHECK (kind <> 'STAFF' OR delivery = 'MAIL'),
    CONSTRAINT invitation_four_eyes CHECK (invited_by <> person_id),
    CONSTRAINT invitation_dates CHECK (expires_at > invited_at AND expires_at <= invited_at + interval '31 days')
);

CREATE INDEX invitation_person ON usher.invitation (school_id, person_id);

CREATE INDEX invitation_when ON usher.invitation (school_id, invited_at);

CREATE TABLE usher.invitation_code (
    code_digest TEXT COLLATE "C" NOT NULL,
    school_id UUID NOT NULL,
    invitation_id UUID NOT NULL,
    PRIMARY KEY (code_digest),
    UNIQUE (school_id, invitation_id)
);

CREATE TABLE usher.invitation_end (
    school_id UUID NOT NULL,
    invitation_id UUID NOT NULL,
    ended_by UUID NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
    reason TEXT,
    PRIMARY KEY (school_id, invitation_id)
);

CREATE TABLE usher.invitation_redemption (
    school_id UUID NOT NULL,
    invitation_id UUID NOT NULL,
    account_id UUID NOT NULL,
    redeemed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, invitation_id)
);

CREATE TABLE usher.invitation_try (
    school_id UUID NOT NULL,
    invitation_id UUID NOT NULL,
    number INTEGER NOT NULL,
    tried_at TIMESTAMP WITH TIME ZONE NOT NULL,
    identity TEXT COLLATE "C",
    email TEXT,
    PRIMARY KEY (school_id, invitation_id, number),
    CONSTRAINT invitation_try_number CHECK (number BETWEEN 1 AND 5)
);

CREATE TABLE usher.joining (
    joining_digest TEXT COLLATE "C" NOT NULL,
    school_id UUID NOT NULL,
    invitation_id UUID NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    account_id UUID,
    identity TEXT COLLATE "C",
    email TEXT,
    code_digest TEXT COLLATE "C",
    code_expires_at TIMESTAMP WITH TIME ZONE,
    code_tries INTEGER NOT NULL,
    codes_sent INTEGER NOT NULL,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    matched_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (joining_digest),
    CONSTRAINT joining_code_tries CHECK (code_tries BETWEEN 0 AND 5)
);

CREATE INDEX joining_expiry ON usher.joining (expires_at);
