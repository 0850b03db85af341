CREATE TABLE usher.mark_part_version (
    school_id UUID NOT NULL,
    academic_year INTEGER NOT NULL,
    mark_id UUID NOT NULL,
    version INTEGER NOT NULL,
    question TEXT COLLATE "C" NOT NULL,
    learner_id UUID NOT NULL,
    course_id UUID NOT NULL,
    position INTEGER NOT NULL,
    topic TEXT COLLATE "C" NOT NULL,
    score NUMERIC,
    maximum NUMERIC NOT NULL,
    PRIMARY KEY (school_id, academic_year, mark_id, version, question),
    CONSTRAINT mark_part_version_score_finite CHECK (score > '-Infinity'::numeric AND score < 'Infinity'::numeric),
    CONSTRAINT mark_part_version_maximum_finite CHECK (maximum > '-Infinity'::numeric AND maximum < 'Infinity'::numeric)
)
 PARTITION BY LIST (academic_year);
