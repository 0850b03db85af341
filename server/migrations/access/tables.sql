CREATE TABLE usher.break_glass (
    school_id UUID NOT NULL,
    glass_id UUID NOT NULL,
    person_id UUID NOT NULL,
    capacity TEXT COLLATE "C" NOT NULL,
    reason TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, glass_id),
    CONSTRAINT break_glass_capacity CHECK (capacity = 'STAFF'),
    CONSTRAINT break_glass_reason CHECK (length(btrim(reason)) >= 10),
    CONSTRAINT break_glass_two_hours CHECK (ends_at > started_at AND ends_at <= started_at + interval '2 hours')
);

CREATE TABLE usher.break_glass_end (
    school_id UUID NOT NULL,
    glass_id UUID NOT NULL,
    ended_by UUID NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, glass_id)
);

CREATE TABLE usher.link_restriction (
    school_id UUID NOT NULL,
    restriction_id UUID NOT NULL,
    guardian_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    kind TEXT NOT NULL,
    evidence TEXT NOT NULL,
    decided_by UUID NOT NULL,
    restricted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, restriction_id),
    CONSTRAINT link_restriction_kind CHECK (kind IN ('COURT_ORDER', 'PROTECTION')),
    CONSTRAINT link_restriction_evidence CHECK (length(btrim(evidence)) > 0)
);

CREATE TABLE usher.link_restriction_end (
    school_id UUID NOT NULL,
    restriction_id UUID NOT NULL,
    evidence TEXT NOT NULL,
    ended_by UUID NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, restriction_id),
    CONSTRAINT link_restriction_end_evidence CHECK (length(btrim(evidence)) > 0)
);

CREATE TABLE usher.notice (
    school_id UUID NOT NULL,
    notice_id UUID NOT NULL,
    person_id UUID NOT NULL,
    kind TEXT NOT NULL,
    payload JSONB NOT NULL,
    posted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, notice_id),
    UNIQUE (school_id, notice_id, person_id)
);

CREATE TABLE usher.notice_read (
    school_id UUID NOT NULL,
    notice_id UUID NOT NULL,
    person_id UUID NOT NULL,
    read_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, notice_id)
);

CREATE TABLE usher.supervision (
    school_id UUID NOT NULL,
    supervision_id UUID NOT NULL,
    trainee_id UUID NOT NULL,
    supervisor_id UUID NOT NULL,
    source TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE NOT NULL,
    PRIMARY KEY (school_id, supervision_id),
    CONSTRAINT supervision_of_another CHECK (supervisor_id <> trainee_id)
);

CREATE TABLE usher.support_request (
    school_id UUID NOT NULL,
    request_id UUID NOT NULL,
    requester_id UUID NOT NULL,
    capacity TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    reason TEXT NOT NULL,
    hours INTEGER NOT NULL,
    requested_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, request_id),
    UNIQUE (school_id, request_id, requester_id),
    CONSTRAINT support_request_capacity CHECK (capacity = 'OPERATOR'),
    CONSTRAINT support_request_hours CHECK (hours BETWEEN 1 AND 8),
    CONSTRAINT support_request_reason CHECK (length(btrim(reason)) >= 10),
    CONSTRAINT support_request_name CHECK (length(btrim(name)) > 0)
);

CREATE TABLE usher.support_decision (
    school_id UUID NOT NULL,
    request_id UUID NOT NULL,
    requester_id UUID NOT NULL,
    decision TEXT COLLATE "C" NOT NULL,
    decided_by UUID NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
    reason TEXT,
    starts_at TIMESTAMP WITH TIME ZONE,
    ends_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (school_id, request_id),
    UNIQUE (school_id, request_id, decision),
    CONSTRAINT support_decision_word CHECK (decision IN ('APPROVED', 'REFUSED')),
    CONSTRAINT support_decision_four_eyes CHECK (decided_by <> requester_id),
    CONSTRAINT support_decision_session CHECK ((decision = 'APPROVED') = (starts_at IS NOT NULL) AND (decision = 'APPROVED') = (ends_at IS NOT NULL)),
    CONSTRAINT support_decision_hours CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '8 hours')
);

CREATE TABLE usher.support_end (
    school_id UUID NOT NULL,
    request_id UUID NOT NULL,
    decision TEXT COLLATE "C" NOT NULL,
    ended_by UUID NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, request_id),
    CONSTRAINT support_end_of_approved CHECK (decision = 'APPROVED')
);

CREATE INDEX break_glass_person ON usher.break_glass (school_id, person_id);
CREATE INDEX link_restriction_guardian ON usher.link_restriction (school_id, guardian_id);
CREATE INDEX link_restriction_learner ON usher.link_restriction (school_id, learner_id);
CREATE INDEX notice_person ON usher.notice (school_id, person_id, posted_at);
CREATE INDEX supervision_trainee ON usher.supervision (school_id, trainee_id);
CREATE INDEX support_request_requester ON usher.support_request (school_id, requester_id);
CREATE INDEX support_decision_requester ON usher.support_decision (school_id, requester_id);
