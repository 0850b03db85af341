CREATE TABLE usher.boundary_set (
    boundary_set_id UUID NOT NULL,
    specification_id UUID NOT NULL,
    series TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    digest TEXT NOT NULL,
    source TEXT NOT NULL,
    confidence TEXT NOT NULL,
    content TEXT NOT NULL,
    imported_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (boundary_set_id),
    UNIQUE (specification_id, series, version),
    UNIQUE (digest)
);

CREATE TABLE usher.code (
    code_set TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    label TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    PRIMARY KEY (code_set, code, valid_from)
);

CREATE TABLE usher.installation (
    name TEXT COLLATE "C" NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE usher.login_identity (
    identity TEXT NOT NULL,
    school_id UUID NOT NULL,
    person_id UUID NOT NULL,
    capacity TEXT NOT NULL,
    school_name TEXT NOT NULL,
    PRIMARY KEY (identity, school_id, capacity)
);

CREATE TABLE usher.special_element (
    element TEXT COLLATE "C" NOT NULL,
    course TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (element)
);

CREATE TABLE usher.specification (
    specification_id UUID NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    board TEXT COLLATE "C" NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    qualification TEXT COLLATE "C" NOT NULL,
    digest TEXT NOT NULL,
    content TEXT NOT NULL,
    imported_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (specification_id),
    UNIQUE (code, version),
    UNIQUE (digest)
);

CREATE TABLE usher.access_profile (
    school_id UUID NOT NULL,
    person_id UUID NOT NULL,
    capacity TEXT NOT NULL,
    profile_version INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    PRIMARY KEY (school_id, person_id, capacity),
    CONSTRAINT access_profile_capacity CHECK (capacity IN ('STAFF', 'PARENT', 'LEARNER', 'CLIENT', 'OPERATOR'))
);

CREATE TABLE usher.assessment (
    school_id UUID NOT NULL,
    assessment_id UUID NOT NULL,
    academic_year INTEGER NOT NULL,
    course_id UUID NOT NULL,
    window_id UUID NOT NULL,
    component_code TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    maximum NUMERIC NOT NULL,
    step NUMERIC NOT NULL,
    held_on DATE NOT NULL,
    PRIMARY KEY (school_id, assessment_id),
    UNIQUE (school_id, course_id, window_id, component_code)
);

CREATE TABLE usher.assessment_class (
    school_id UUID NOT NULL,
    assessment_id UUID NOT NULL,
    class_id UUID NOT NULL,
    PRIMARY KEY (school_id, assessment_id, class_id)
);

CREATE TABLE usher.assessment_window (
    school_id UUID NOT NULL,
    window_id UUID NOT NULL,
    academic_year INTEGER NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    PRIMARY KEY (school_id, window_id),
    UNIQUE (school_id, academic_year, name)
);

CREATE TABLE usher.attendance (
    school_id UUID NOT NULL,
    academic_year INTEGER NOT NULL,
    learner_id UUID NOT NULL,
    possible INTEGER NOT NULL,
    attended INTEGER NOT NULL,
    PRIMARY KEY (school_id, academic_year, learner_id)
)
 PARTITION BY LIST (academic_year);

CREATE TABLE usher.audit_operation (
    school_id UUID NOT NULL,
    audit_id UUID NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    person_id UUID NOT NULL,
    capacity TEXT NOT NULL,
    client_id TEXT,
    roles TEXT[] NOT NULL,
    facts TEXT[] NOT NULL,
    profile_version INTEGER NOT NULL,
    policy_version INTEGER NOT NULL,
    guardrail_digest TEXT NOT NULL,
    kind TEXT NOT NULL,
    operation_name TEXT,
    document_digest TEXT NOT NULL,
    footprint JSONB NOT NULL,
    purpose TEXT,
    reason TEXT,
    elements JSONB NOT NULL,
    details JSONB,
    PRIMARY KEY (school_id, audit_id)
);

CREATE TABLE usher.behaviour_event (
    school_id UUID NOT NULL,
    academic_year INTEGER NOT NULL,
    behaviour_event_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    happened_on DATE NOT NULL,
    kind TEXT NOT NULL,
    points INTEGER NOT NULL,
    note TEXT,
    PRIMARY KEY (school_id, academic_year, behaviour_event_id)
)
 PARTITION BY LIST (academic_year);

CREATE TABLE usher.class (
    school_id UUID NOT NULL,
    class_id UUID NOT NULL,
    course_id UUID NOT NULL,
    academic_year INTEGER NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (school_id, class_id),
    UNIQUE (school_id, academic_year, name)
);

CREATE TABLE usher.client_grant (
    school_id UUID NOT NULL,
    grant_id UUID NOT NULL,
    person_id UUID NOT NULL,
    scope TEXT NOT NULL,
    purpose TEXT NOT NULL,
    declared_by UUID NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    PRIMARY KEY (school_id, grant_id)
);

CREATE TABLE usher.course (
    school_id UUID NOT NULL,
    course_id UUID NOT NULL,
    academic_year INTEGER NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    department TEXT COLLATE "C" NOT NULL,
    year_group TEXT COLLATE "C" NOT NULL,
    specification_id UUID,
    boundary_set_id UUID,
    PRIMARY KEY (school_id, course_id)
);

CREATE TABLE usher.course_comment (
    school_id UUID NOT NULL,
    academic_year INTEGER NOT NULL,
    comment_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    course_id UUID NOT NULL,
    window_id UUID NOT NULL,
    text TEXT NOT NULL,
    written_by UUID NOT NULL,
    written_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, academic_year, comment_id),
    UNIQUE (school_id, academic_year, learner_id, course_id, window_id)
)
 PARTITION BY LIST (academic_year);

CREATE TABLE usher.department_lead (
    school_id UUID NOT NULL,
    department_lead_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    department TEXT COLLATE "C" NOT NULL,
    source TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    PRIMARY KEY (school_id, department_lead_id)
);

CREATE TABLE usher.enrolment (
    school_id UUID NOT NULL,
    enrolment_id UUID NOT NULL,
    class_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    course_id UUID NOT NULL,
    academic_year INTEGER NOT NULL,
    source TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    PRIMARY KEY (school_id, enrolment_id)
);

CREATE TABLE usher.grade (
    school_id UUID NOT NULL,
    academic_year INTEGER NOT NULL,
    grade_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    course_id UUID NOT NULL,
    window_id UUID NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C",
    points NUMERIC,
    fine NUMERIC,
    subject_mark TEXT,
    next_grade TEXT,
    marks_to_next TEXT,
    floor TEXT,
    ceiling TEXT,
    flags TEXT[] NOT NULL,
    specification_id UUID NOT NULL,
    boundary_set_id UUID NOT NULL,
    engine_version TEXT NOT NULL,
    rounding TEXT NOT NULL,
    shift INTEGER NOT NULL,
    confidence TEXT NOT NULL,
    version INTEGER NOT NULL,
    computed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, academic_year, grade_id),
    UNIQUE (school_id, academic_year, learner_id, course_id, window_id, kind)
)
 PARTITION BY LIST (academic_year);

CREATE TABLE usher.guardian (
    school_id UUID NOT NULL,
    guardian_id UUID NOT NULL,
    mis_id TEXT COLLATE "C",
    title TEXT,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    sort_key TEXT COLLATE "C" NOT NULL,
    email TEXT,
    phone TEXT,
    address TEXT,
    PRIMARY KEY (school_id, guardian_id)
);

CREATE TABLE usher.guardian_link (
    school_id UUID NOT NULL,
    link_id UUID NOT NULL,
    guardian_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    relationship TEXT NOT NULL,
    verified_at TIMESTAMP WITH TIME ZONE,
    valid_from DATE NOT NULL,
    valid_to DATE,
    source TEXT NOT NULL,
    PRIMARY KEY (school_id, link_id)
);

CREATE TABLE usher.idempotency_record (
    school_id UUID NOT NULL,
    person_id UUID NOT NULL,
    idempotency_key TEXT COLLATE "C" NOT NULL,
    parameters_digest TEXT NOT NULL,
    outcome JSONB,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, person_id, idempotency_key)
);

CREATE TABLE usher.import_batch (
    school_id UUID NOT NULL,
    batch_id UUID NOT NULL,
    kind TEXT NOT NULL,
    file_digest TEXT NOT NULL,
    declared_by UUID NOT NULL,
    imported_at TIMESTAMP WITH TIME ZONE NOT NULL,
    rows_accepted INTEGER NOT NULL,
    rows_refused INTEGER NOT NULL,
    PRIMARY KEY (school_id, batch_id)
);

CREATE TABLE usher.learner (
    school_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    upn TEXT COLLATE "C",
    mis_id TEXT COLLATE "C",
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    preferred_name TEXT,
    sort_key TEXT COLLATE "C" NOT NULL,
    date_of_birth DATE NOT NULL,
    gender TEXT,
    year_group TEXT COLLATE "C" NOT NULL,
    key_stage_2 NUMERIC,
    first_language TEXT,
    admitted_on DATE NOT NULL,
    left_on DATE,
    version INTEGER NOT NULL,
    PRIMARY KEY (school_id, learner_id),
    UNIQUE (school_id, upn),
    UNIQUE (school_id, mis_id)
);

CREATE TABLE usher.learner_assignment (
    school_id UUID NOT NULL,
    learner_assignment_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    PRIMARY KEY (school_id, learner_assignment_id)
);

CREATE TABLE usher.learner_contact (
    school_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    address TEXT,
    email TEXT,
    phone TEXT,
    PRIMARY KEY (school_id, learner_id)
);

CREATE TABLE usher.learner_flag (
    school_id UUID NOT NULL,
    flag_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    kind TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    decided_by UUID NOT NULL,
    PRIMARY KEY (school_id, flag_id)
);

CREATE TABLE usher.learner_name (
    school_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    preferred_name TEXT,
    PRIMARY KEY (school_id, learner_id, valid_from)
);

CREATE TABLE usher.learner_special (
    school_id UUID NOT NULL,
    special_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    element TEXT COLLATE "C" NOT NULL,
    value JSONB NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_by UUID NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (school_id, special_id)
);

CREATE TABLE usher.mark (
    school_id UUID NOT NULL,
    academic_year INTEGER NOT NULL,
    mark_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    assessment_id UUID NOT NULL,
    course_id UUID NOT NULL,
    class_id UUID,
    attempt INTEGER NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    score NUMERIC,
    version INTEGER NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_by UUID NOT NULL,
    PRIMARY KEY (school_id, academic_year, mark_id),
    UNIQUE (school_id, learner_id, assessment_id, attempt, academic_year),
    CONSTRAINT mark_state CHECK (state IN ('SCORED', 'ABSENT', 'NOT_ENTERED', 'PENDING', 'EXEMPT')),
    CONSTRAINT mark_score CHECK ((state = 'SCORED') = (score IS NOT NULL) AND (score IS NULL OR score >= 0))
)
 PARTITION BY LIST (academic_year);

CREATE TABLE usher.mark_part (
    school_id UUID NOT NULL,
    academic_year INTEGER NOT NULL,
    mark_id UUID NOT NULL,
    question TEXT COLLATE "C" NOT NULL,
    learner_id UUID NOT NULL,
    course_id UUID NOT NULL,
    position INTEGER NOT NULL,
    topic TEXT COLLATE "C" NOT NULL,
    score NUMERIC,
    maximum NUMERIC NOT NULL,
    PRIMARY KEY (school_id, academic_year, mark_id, question)
)
 PARTITION BY LIST (academic_year);

CREATE TABLE usher.mark_version (
    school_id UUID NOT NULL,
    academic_year INTEGER NOT NULL,
    mark_id UUID NOT NULL,
    version INTEGER NOT NULL,
    learner_id UUID NOT NULL,
    course_id UUID NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    score NUMERIC,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_by UUID NOT NULL,
    capacity TEXT NOT NULL,
    batch TEXT,
    reason TEXT,
    PRIMARY KEY (school_id, academic_year, mark_id, version)
)
 PARTITION BY LIST (academic_year);

CREATE TABLE usher.outbox_event (
    school_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    kind TEXT NOT NULL,
    payload JSONB NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, sequence)
);

CREATE TABLE usher.outbox_head (
    school_id UUID NOT NULL,
    last_sequence BIGINT NOT NULL,
    PRIMARY KEY (school_id)
);

CREATE TABLE usher.pastoral_assignment (
    school_id UUID NOT NULL,
    pastoral_assignment_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    tutor_group_id UUID,
    year_group TEXT COLLATE "C",
    source TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    PRIMARY KEY (school_id, pastoral_assignment_id)
);

CREATE TABLE usher.person (
    school_id UUID NOT NULL,
    person_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, person_id)
);

CREATE TABLE usher.policy_head (
    school_id UUID NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (school_id)
);

CREATE TABLE usher.policy_version (
    school_id UUID NOT NULL,
    version INTEGER NOT NULL,
    content TEXT NOT NULL,
    digest TEXT NOT NULL,
    author_id UUID,
    reason TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, version)
);

CREATE TABLE usher.publication (
    school_id UUID NOT NULL,
    publication_id UUID NOT NULL,
    academic_year INTEGER NOT NULL,
    window_id UUID NOT NULL,
    year_group TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE NOT NULL,
    published_by UUID NOT NULL,
    PRIMARY KEY (school_id, publication_id),
    UNIQUE (school_id, window_id, year_group, version),
    CONSTRAINT publication_status CHECK (status IN ('LIVE', 'SUPERSEDED', 'WITHDRAWN'))
);

CREATE TABLE usher.report (
    school_id UUID NOT NULL,
    report_id UUID NOT NULL,
    publication_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    version INTEGER NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, report_id),
    UNIQUE (school_id, publication_id, learner_id)
);

CREATE TABLE usher.report_line (
    school_id UUID NOT NULL,
    report_line_id UUID NOT NULL,
    report_id UUID NOT NULL,
    publication_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    course_id UUID NOT NULL,
    position INTEGER NOT NULL,
    course_name TEXT NOT NULL,
    teacher_name TEXT,
    grade TEXT,
    target TEXT,
    comment TEXT,
    PRIMARY KEY (school_id, report_line_id)
);

CREATE TABLE usher.report_receipt (
    school_id UUID NOT NULL,
    report_id UUID NOT NULL,
    person_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, report_id, person_id)
);

CREATE TABLE usher.role_assignment (
    school_id UUID NOT NULL,
    role_assignment_id UUID NOT NULL,
    person_id UUID NOT NULL,
    role TEXT NOT NULL,
    source TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    PRIMARY KEY (school_id, role_assignment_id)
);

CREATE TABLE usher.school (
    school_id UUID NOT NULL,
    name TEXT NOT NULL,
    urn TEXT,
    laestab TEXT,
    academic_year INTEGER NOT NULL,
    suppression_threshold INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id)
);

CREATE TABLE usher.staff (
    school_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    mis_id TEXT COLLATE "C",
    title TEXT,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    sort_key TEXT COLLATE "C" NOT NULL,
    job_title TEXT,
    email TEXT,
    phone TEXT,
    left_on DATE,
    PRIMARY KEY (school_id, staff_id)
);

CREATE TABLE usher.target (
    school_id UUID NOT NULL,
    academic_year INTEGER NOT NULL,
    target_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    course_id UUID NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    points NUMERIC,
    set_on DATE NOT NULL,
    PRIMARY KEY (school_id, academic_year, target_id),
    UNIQUE (school_id, academic_year, learner_id, course_id)
)
 PARTITION BY LIST (academic_year);

CREATE TABLE usher.teaching_assignment (
    school_id UUID NOT NULL,
    teaching_assignment_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    class_id UUID NOT NULL,
    course_id UUID NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    PRIMARY KEY (school_id, teaching_assignment_id)
);

CREATE TABLE usher.training_certificate (
    school_id UUID NOT NULL,
    certificate_id UUID NOT NULL,
    person_id UUID NOT NULL,
    course TEXT NOT NULL,
    completed_on DATE NOT NULL,
    expires_on DATE NOT NULL,
    evidence TEXT NOT NULL,
    PRIMARY KEY (school_id, certificate_id)
);

CREATE TABLE usher.tutor_group (
    school_id UUID NOT NULL,
    tutor_group_id UUID NOT NULL,
    academic_year INTEGER NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    year_group TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (school_id, tutor_group_id),
    UNIQUE (school_id, academic_year, name)
);

CREATE TABLE usher.tutor_membership (
    school_id UUID NOT NULL,
    tutor_membership_id UUID NOT NULL,
    tutor_group_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    source TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    PRIMARY KEY (school_id, tutor_membership_id)
);

CREATE INDEX assessment_class_class ON usher.assessment_class (school_id, class_id);
CREATE INDEX audit_operation_time ON usher.audit_operation (school_id, occurred_at);
CREATE INDEX behaviour_event_learner ON usher.behaviour_event (school_id, academic_year, learner_id);
CREATE INDEX class_course ON usher.class (school_id, course_id);
CREATE INDEX client_grant_person ON usher.client_grant (school_id, person_id);
CREATE INDEX department_lead_staff ON usher.department_lead (school_id, staff_id);
CREATE INDEX enrolment_class ON usher.enrolment (school_id, class_id);
CREATE INDEX enrolment_learner ON usher.enrolment (school_id, learner_id);
CREATE INDEX grade_course ON usher.grade (school_id, academic_year, course_id);
CREATE INDEX guardian_link_guardian ON usher.guardian_link (school_id, guardian_id);
CREATE INDEX guardian_link_learner ON usher.guardian_link (school_id, learner_id);
CREATE INDEX learner_sort_key ON usher.learner (school_id, sort_key, learner_id);
CREATE INDEX learner_year_group ON usher.learner (school_id, year_group);
CREATE INDEX learner_assignment_learner ON usher.learner_assignment (school_id, learner_id);
CREATE INDEX learner_assignment_staff ON usher.learner_assignment (school_id, staff_id);
CREATE INDEX learner_flag_learner ON usher.learner_flag (school_id, learner_id);
CREATE INDEX learner_special_element ON usher.learner_special (school_id, element);
CREATE INDEX learner_special_newest ON usher.learner_special (school_id, learner_id, element, special_id);
CREATE INDEX mark_assessment ON usher.mark (school_id, assessment_id);
CREATE INDEX pastoral_assignment_staff ON usher.pastoral_assignment (school_id, staff_id);
CREATE INDEX report_learner ON usher.report (school_id, learner_id);
CREATE INDEX report_line_report ON usher.report_line (school_id, report_id);
CREATE INDEX role_assignment_person ON usher.role_assignment (school_id, person_id);
CREATE INDEX staff_sort_key ON usher.staff (school_id, sort_key, staff_id);
CREATE INDEX teaching_assignment_class ON usher.teaching_assignment (school_id, class_id);
CREATE INDEX teaching_assignment_staff ON usher.teaching_assignment (school_id, staff_id);
CREATE INDEX training_certificate_person ON usher.training_certificate (school_id, person_id);
CREATE INDEX tutor_membership_group ON usher.tutor_membership (school_id, tutor_group_id);
CREATE INDEX tutor_membership_learner ON usher.tutor_membership (school_id, learner_id);
