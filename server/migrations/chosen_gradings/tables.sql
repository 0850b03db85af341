CREATE TABLE usher.window_grading (
    school_id UUID NOT NULL,
    course_id UUID NOT NULL,
    window_id UUID NOT NULL,
    version INTEGER NOT NULL,
    shift INTEGER NOT NULL,
    specification_id UUID,
    boundary_set_id UUID,
    reason TEXT NOT NULL,
    set_by UUID,
    set_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, course_id, window_id, version),
    CONSTRAINT window_grading_shift CHECK (shift BETWEEN -10 AND 10),
    CONSTRAINT window_grading_series CHECK ((specification_id IS NULL) = (boundary_set_id IS NULL)),
    CONSTRAINT window_grading_version CHECK (version > 0)
);

CREATE TABLE usher.course_scale (
    school_id UUID NOT NULL,
    course_id UUID NOT NULL,
    version INTEGER NOT NULL,
    grades TEXT[] NOT NULL,
    points TEXT[] NOT NULL,
    reason TEXT,
    set_by UUID NOT NULL,
    set_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, course_id, version),
    CONSTRAINT course_scale_version CHECK (version > 0),
    CONSTRAINT course_scale_grades CHECK (cardinality(grades) > 0),
    CONSTRAINT course_scale_points CHECK (cardinality(points) IN (0, cardinality(grades)))
);

CREATE TABLE usher.target_version (
    school_id UUID NOT NULL,
    academic_year INTEGER NOT NULL,
    target_id UUID NOT NULL,
    version INTEGER NOT NULL,
    learner_id UUID NOT NULL,
    course_id UUID NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    points NUMERIC,
    third INTEGER NOT NULL,
    set_on DATE NOT NULL,
    method TEXT,
    set_by UUID,
    replaced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (school_id, academic_year, target_id, version),
    CONSTRAINT target_version_third CHECK (third BETWEEN -1 AND 1)
)
 PARTITION BY LIST (academic_year);

ALTER TABLE usher.target ADD COLUMN version INTEGER NOT NULL DEFAULT 1, ADD COLUMN third INTEGER NOT NULL DEFAULT 0,
    ADD CONSTRAINT target_third CHECK (third BETWEEN -1 AND 1);

ALTER TABLE usher.target ALTER COLUMN version DROP DEFAULT, ALTER COLUMN third DROP DEFAULT;

ALTER TABLE usher.report_line ADD COLUMN specification TEXT, ADD COLUMN series TEXT, ADD COLUMN shift INTEGER,
    ADD COLUMN rounding TEXT, ADD COLUMN confidence TEXT;
