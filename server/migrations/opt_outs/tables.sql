CREATE TABLE usher.client_opt_out (
    school_id UUID NOT NULL,
    opt_out_id UUID NOT NULL,
    learner_id UUID NOT NULL,
    program_id UUID NOT NULL,
    asked_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    recorded_by UUID NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    ended_by UUID,
    ending TEXT,
    PRIMARY KEY (school_id, opt_out_id)
);

CREATE UNIQUE INDEX client_opt_out_live ON usher.client_opt_out (school_id, program_id, learner_id) WHERE ended_at IS NULL;
