ALTER TABLE usher.policy_version
    ALTER COLUMN digest TYPE TEXT COLLATE "C",
    ADD COLUMN kind TEXT COLLATE "C",
    ADD COLUMN previous_version INTEGER,
    ADD COLUMN previous_chain TEXT COLLATE "C",
    ADD COLUMN chain TEXT COLLATE "C",
    ADD COLUMN submission_id UUID,
    ADD COLUMN decision TEXT COLLATE "C",
    ADD COLUMN base_version INTEGER,
    ADD COLUMN widens_special BOOLEAN,
    ADD COLUMN special_reason TEXT COLLATE "C",
    ADD COLUMN published_by UUID,
    ADD COLUMN narrowed_after INTEGER;

-- Versions from before approvals were rows: the first stays FOUNDED where it is what was hashed, the others are ADOPTED.
UPDATE usher.policy_version SET widens_special = false, kind = CASE
    WHEN version = 1 AND digest = encode(sha256(convert_to(content, 'UTF8')), 'hex') THEN 'FOUNDED' ELSE 'ADOPTED' END;
WITH RECURSIVE numbered AS (
    SELECT v.*, row_number() OVER school AS place, lag(version) OVER school AS before
    FROM usher.policy_version AS v WINDOW school AS (PARTITION BY school_id ORDER BY version)
), linked AS (
    SELECT n.school_id, n.version, n.place, n.before, NULL::text COLLATE "C" AS previous,
        encode(sha256(convert_to('' || chr(10) || n.version || chr(10) || n.kind || chr(10) || n.digest || chr(10) || '' || chr(10) || '' || chr(10) || coalesce(n.author_id::text, '') || chr(10) || '' || chr(10) || ((extract(epoch FROM n.created_at) * 1000000)::bigint) || chr(10) || encode(sha256(convert_to(coalesce(n.reason, ''), 'UTF8')), 'hex') || chr(10) || encode(sha256(convert_to('', 'UTF8')), 'hex'), 'UTF8')), 'hex') COLLATE "C" AS link
    FROM numbered AS n WHERE n.place = 1
    UNION ALL
    SELECT n.school_id, n.version, n.place, n.before, k.link,
        encode(sha256(convert_to(k.link || chr(10) || n.version || chr(10) || n.kind || chr(10) || n.digest || chr(10) || '' || chr(10) || '' || chr(10) || coalesce(n.author_id::text, '') || chr(10) || '' || chr(10) || ((extract(epoch FROM n.created_at) * 1000000)::bigint) || chr(10) || encode(sha256(convert_to(coalesce(n.reason, ''), 'UTF8')), 'hex') || chr(10) || encode(sha256(convert_to('', 'UTF8')), 'hex'), 'UTF8')), 'hex') COLLATE "C"
    FROM linked AS k JOIN numbered AS n ON n.school_id = k.school_id AND n.place = k.place + 1
)
UPDATE usher.policy_version AS v SET previous_version = k.before, previous_chain = k.previous, chain = k.link
FROM linked AS k WHERE k.school_id = v.school_id AND k.version = v.version;

ALTER TABLE usher.policy_version
    ALTER COLUMN kind SET NOT NULL,
    ALTER COLUMN chain SET NOT NULL,
    ALTER COLUMN widens_special SET NOT NULL;

ALTER TABLE usher.policy_version ADD UNIQUE (school_id, version, chain);
ALTER TABLE usher.policy_version ADD UNIQUE (school_id, version, digest);
ALTER TABLE usher.policy_version ADD UNIQUE (school_id, version, kind, author_id);
ALTER TABLE usher.policy_version ADD UNIQUE (school_id, submission_id);
ALTER TABLE usher.policy_version ADD CONSTRAINT policy_version_kind CHECK (kind IN ('FOUNDED', 'PUBLISHED', 'ROLLED_BACK', 'NARROWED', 'ADOPTED'));
ALTER TABLE usher.policy_version ADD CONSTRAINT policy_version_first CHECK (CASE WHEN kind = 'FOUNDED' THEN version = 1 ELSE version > 1 OR kind = 'ADOPTED' END);
ALTER TABLE usher.policy_version ADD CONSTRAINT policy_version_base CHECK (kind IN ('FOUNDED', 'ADOPTED') OR (previous_version IS NOT NULL AND previous_chain IS NOT NULL AND base_version IS NOT NULL AND previous_version = version - 1 AND base_version = version - 1));
ALTER TABLE usher.policy_version ADD CONSTRAINT policy_version_link CHECK ((previous_version IS NULL) = (previous_chain IS NULL));
ALTER TABLE usher.policy_version ADD CONSTRAINT policy_version_approved CHECK (CASE WHEN kind IN ('PUBLISHED', 'ROLLED_BACK') THEN submission_id IS NOT NULL AND author_id IS NOT NULL AND published_by IS NOT NULL AND coalesce(decision = 'APPROVED', false) ELSE submission_id IS NULL AND decision IS NULL AND NOT widens_special AND special_reason IS NULL END);
ALTER TABLE usher.policy_version ADD CONSTRAINT policy_version_special CHECK (NOT widens_special OR special_reason IS NOT NULL);
ALTER TABLE usher.policy_version ADD CONSTRAINT policy_version_narrowed CHECK (CASE WHEN kind = 'NARROWED' THEN author_id IS NOT NULL AND coalesce(published_by = author_id, false) AND length(btrim(coalesce(reason, ''))) > 0 ELSE narrowed_after IS NULL END);
ALTER TABLE usher.policy_version ADD CONSTRAINT policy_version_digest CHECK (kind = 'ADOPTED' OR digest = encode(sha256(convert_to(content, 'UTF8')), 'hex'));
ALTER TABLE usher.policy_version ADD CONSTRAINT policy_version_chain CHECK (chain = encode(sha256(convert_to(coalesce(previous_chain, '') || chr(10) || version || chr(10) || kind || chr(10) || digest || chr(10) || coalesce(base_version::text, '') || chr(10) || coalesce(submission_id::text, '') || chr(10) || coalesce(author_id::text, '') || chr(10) || coalesce(published_by::text, '') || chr(10) || ((extract(epoch FROM created_at) * 1000000)::bigint) || chr(10) || encode(sha256(convert_to(coalesce(reason, ''), 'UTF8')), 'hex') || chr(10) || encode(sha256(convert_to(coalesce(special_reason, ''), 'UTF8')), 'hex'), 'UTF8')), 'hex'));
CREATE UNIQUE INDEX policy_version_narrowing ON usher.policy_version (school_id, author_id, narrowed_after)
    NULLS NOT DISTINCT WHERE kind = 'NARROWED';

CREATE TABLE usher.policy_draft (
    school_id UUID NOT NULL,
    draft_id UUID NOT NULL,
    base_version INTEGER NOT NULL,
    author_id UUID NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    revision INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (school_id, draft_id),
    UNIQUE (school_id, draft_id, author_id, base_version),
    CONSTRAINT policy_draft_revision CHECK (revision > 0)
);

CREATE INDEX policy_draft_author ON usher.policy_draft (school_id, author_id);

CREATE TABLE usher.policy_submission (
    school_id UUID NOT NULL,
    submission_id UUID NOT NULL,
    draft_id UUID,
    revision INTEGER,
    restores_version INTEGER,
    kind TEXT COLLATE "C" NOT NULL,
    base_version INTEGER NOT NULL,
    author_id UUID NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    reason TEXT NOT NULL,
    widens_special BOOLEAN NOT NULL,
    special_reason TEXT COLLATE "C",
    summary JSONB NOT NULL,
    submitted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, submission_id),
    UNIQUE (school_id, draft_id, revision),
    UNIQUE (school_id, submission_id, kind, base_version, digest, author_id, widens_special),
    UNIQUE (school_id, submission_id, author_id, base_version),
    UNIQUE (school_id, submission_id, special_reason),
    CONSTRAINT policy_submission_kind CHECK (CASE kind WHEN 'PUBLISHED' THEN draft_id IS NOT NULL AND revision IS NOT NULL AND restores_version IS NULL WHEN 'ROLLED_BACK' THEN draft_id IS NULL AND revision IS NULL AND restores_version IS NOT NULL ELSE false END),
    CONSTRAINT policy_submission_reason CHECK (length(btrim(reason)) > 0),
    CONSTRAINT policy_submission_special CHECK (NOT widens_special OR length(btrim(coalesce(special_reason, ''))) >= 20),
    CONSTRAINT policy_submission_digest CHECK (digest = encode(sha256(convert_to(content, 'UTF8')), 'hex'))
);

CREATE TABLE usher.policy_decision (
    school_id UUID NOT NULL,
    submission_id UUID NOT NULL,
    decision TEXT COLLATE "C" NOT NULL,
    author_id UUID NOT NULL,
    base_version INTEGER NOT NULL,
    decided_by UUID NOT NULL,
    reason TEXT,
    decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, submission_id),
    UNIQUE (school_id, submission_id, decision),
    CONSTRAINT policy_decision_word CHECK (decision IN ('APPROVED', 'REJECTED')),
    CONSTRAINT policy_decision_four_eyes CHECK (decided_by <> author_id),
    CONSTRAINT policy_decision_reason CHECK (decision = 'APPROVED' OR length(btrim(coalesce(reason, ''))) > 0)
);

CREATE TABLE usher.policy_schedule (
    school_id UUID NOT NULL,
    submission_id UUID NOT NULL,
    decision TEXT COLLATE "C" NOT NULL,
    publish_at TIMESTAMP WITH TIME ZONE NOT NULL,
    scheduled_by UUID NOT NULL,
    scheduled_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, submission_id),
    CONSTRAINT policy_schedule_approved CHECK (decision = 'APPROVED'),
    CONSTRAINT policy_schedule_ahead CHECK (publish_at > scheduled_at)
);

CREATE TABLE usher.policy_end (
    school_id UUID NOT NULL,
    submission_id UUID NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    ended_by UUID,
    reason TEXT,
    ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, submission_id),
    CONSTRAINT policy_end_outcome CHECK (CASE outcome WHEN 'WITHDRAWN' THEN ended_by IS NOT NULL WHEN 'LAPSED' THEN ended_by IS NULL ELSE false END)
);

CREATE TABLE usher.policy_confirmation (
    school_id UUID NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    author_id UUID NOT NULL,
    confirmed_by UUID NOT NULL,
    confirmed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, version),
    UNIQUE (school_id, author_id, version),
    CONSTRAINT policy_confirmation_kind CHECK (kind = 'NARROWED'),
    CONSTRAINT policy_confirmation_four_eyes CHECK (confirmed_by <> author_id)
);

CREATE TABLE usher.policy_example (
    school_id UUID NOT NULL,
    example_id UUID NOT NULL,
    name TEXT NOT NULL,
    capacity TEXT COLLATE "C" NOT NULL,
    roles TEXT[] NOT NULL,
    facts TEXT[] NOT NULL,
    relations TEXT[] NOT NULL,
    element TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    visible BOOLEAN NOT NULL,
    added_by UUID NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, example_id),
    CONSTRAINT policy_example_name CHECK (length(btrim(name)) > 0)
);

CREATE TABLE usher.policy_example_end (
    school_id UUID NOT NULL,
    example_id UUID NOT NULL,
    removed_by UUID NOT NULL,
    removed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, example_id)
);
