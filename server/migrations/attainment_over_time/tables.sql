CREATE TABLE usher.grade_version (
    school_id UUID NOT NULL,
    academic_year INTEGER NOT NULL,
    grade_id UUID NOT NULL,
    version INTEGER NOT NULL,
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
    computed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    replaced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, academic_year, grade_id, version)
)
 PARTITION BY LIST (academic_year);

CREATE TABLE usher.teacher_estimate (
    school_id UUID NOT NULL,
    estimate_id UUID NOT NULL,
    academic_year INTEGER NOT NULL,
    learner_id UUID NOT NULL,
    course_id UUID NOT NULL,
    component_code TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    score NUMERIC,
    value TEXT COLLATE "C",
    reason TEXT,
    recorded_by UUID NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, estimate_id),
    UNIQUE (school_id, learner_id, course_id, academic_year, component_code, version),
    CONSTRAINT teacher_estimate_score CHECK (score IS NULL OR (score >= 0 AND value IS NULL AND component_code <> '')),
    CONSTRAINT teacher_estimate_value CHECK (value IS NULL OR component_code = '')
);

CREATE TABLE usher.forecast_confirmation (
    school_id UUID NOT NULL,
    confirmation_id UUID NOT NULL,
    academic_year INTEGER NOT NULL,
    learner_id UUID NOT NULL,
    course_id UUID NOT NULL,
    window_id UUID NOT NULL,
    method TEXT COLLATE "C" NOT NULL,
    method_version INTEGER NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    low TEXT COLLATE "C",
    high TEXT COLLATE "C",
    points NUMERIC,
    specification_id UUID NOT NULL,
    boundary_set_id UUID NOT NULL,
    note TEXT,
    confirmed_by UUID NOT NULL,
    confirmed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, confirmation_id)
);

CREATE INDEX forecast_confirmation_learner ON usher.forecast_confirmation (school_id, learner_id, course_id);

CREATE TABLE usher.window_step (
    school_id UUID NOT NULL,
    window_id UUID NOT NULL,
    course_id UUID NOT NULL,
    step INTEGER NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    reason TEXT,
    taken_by UUID NOT NULL,
    taken_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, window_id, course_id, step),
    CONSTRAINT window_step_state CHECK (state IN ('OPEN', 'LOCKED', 'MODERATING')),
    CONSTRAINT window_step_number CHECK (step > 0)
);

CREATE TABLE usher.mark_moderation (
    school_id UUID NOT NULL,
    academic_year INTEGER NOT NULL,
    mark_id UUID NOT NULL,
    version INTEGER NOT NULL,
    learner_id UUID NOT NULL,
    course_id UUID NOT NULL,
    score NUMERIC NOT NULL,
    reason TEXT NOT NULL,
    moderated_by UUID NOT NULL,
    moderated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, academic_year, mark_id, version, moderated_by),
    CONSTRAINT mark_moderation_score CHECK (score >= 0)
)
 PARTITION BY LIST (academic_year);

ALTER TABLE usher.target ADD COLUMN method TEXT, ADD COLUMN set_by UUID;
