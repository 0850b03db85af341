CREATE TABLE usher.statistic_census (
    school_id UUID NOT NULL,
    school_year INTEGER NOT NULL,
    measure TEXT COLLATE "C" NOT NULL,
    threshold INTEGER NOT NULL,
    taken_at TIMESTAMP WITH TIME ZONE NOT NULL,
    taken_by UUID NOT NULL,
    PRIMARY KEY (school_id, school_year, measure),
    CONSTRAINT statistic_census_threshold CHECK (threshold >= 5)
);

CREATE TABLE usher.statistic_figure (
    school_id UUID NOT NULL,
    school_year INTEGER NOT NULL,
    measure TEXT COLLATE "C" NOT NULL,
    audience TEXT COLLATE "C" NOT NULL,
    dimension TEXT COLLATE "C" NOT NULL,
    level TEXT COLLATE "C" NOT NULL,
    year_group TEXT COLLATE "C" NOT NULL,
    figure NUMERIC NOT NULL,
    PRIMARY KEY (school_id, school_year, measure, audience, dimension, level, year_group),
    CONSTRAINT statistic_figure_audience CHECK (audience IN ('SCHOOL', 'PUBLISHED'))
);
