-- q2-class as teacher, STAFF, under the rule book a school starts with
SELECT
  JSON_BUILD_OBJECT('class', c24.a) AS answer
FROM (
  SELECT
    1 AS one
) AS roots
LEFT OUTER JOIN LATERAL (
  SELECT
    JSON_BUILD_OBJECT('name', p3.name, 'learners', COALESCE(c23.a, CAST('[]' AS JSON))) AS a
  FROM LATERAL (
    SELECT
      r2.school_id AS school_id,
      r2.class_id AS class_id,
      r2.course_id AS course_id,
      r2.academic_year AS academic_year,
      r2.name AS name,
      r2.reveals AS reveals
    FROM LATERAL (
      SELECT
        t1.school_id AS school_id,
        t1.class_id AS class_id,
        t1.course_id AS course_id,
        t1.academic_year AS academic_year,
        t1.name AS name,
        t1.reveals AS reveals
      FROM usher.class AS t1
      WHERE
        t1.school_id = CAST($1 AS UUID) AND t1.class_id = CAST($2 AS UUID)
    ) AS r2
    WHERE
      r2.reveals IS NULL
    LIMIT 1
  ) AS p3
  LEFT OUTER JOIN LATERAL (
    SELECT
      COALESCE(
        JSON_AGG(
          JSON_BUILD_OBJECT(
            'id',
            'lrn_' || REPLACE(CAST(p6.learner_id AS TEXT), '-', ''),
            'givenName',
            p6.given_name,
            'familyName',
            p6.family_name,
            'grades',
            COALESCE(c11.a, CAST('[]' AS JSON)),
            'marks',
            c22.a
          ) ORDER BY p6.rn ASC
        ),
        CAST('[]' AS JSON)
      ) AS a
    FROM LATERAL (
      SELECT
        r5.school_id AS school_id,
        r5.learner_id AS learner_id,
        r5.upn AS upn,
        r5.mis_id AS mis_id,
        r5.given_name AS given_name,
        r5.family_name AS family_name,
        r5.preferred_name AS preferred_name,
        r5.sort_key AS sort_key,
        r5.date_of_birth AS date_of_birth,
        r5.gender AS gender,
        r5.year_group AS year_group,
        r5.key_stage_2 AS key_stage_2,
        r5.first_language AS first_language,
        r5.admitted_on AS admitted_on,
        r5.left_on AS left_on,
        r5.version AS version,
        r5.of_restricted AS of_restricted,
        r5.of_self_family AS of_self_family,
        ROW_NUMBER() OVER (ORDER BY r5.sort_key ASC, r5.learner_id ASC) AS rn
      FROM LATERAL (
        SELECT
          t4.school_id AS school_id,
          t4.learner_id AS learner_id,
          t4.upn AS upn,
          t4.mis_id AS mis_id,
          t4.given_name AS given_name,
          t4.family_name AS family_name,
          t4.preferred_name AS preferred_name,
          t4.sort_key AS sort_key,
          t4.date_of_birth AS date_of_birth,
          t4.gender AS gender,
          t4.year_group AS year_group,
          t4.key_stage_2 AS key_stage_2,
          t4.first_language AS first_language,
          t4.admitted_on AS admitted_on,
          t4.left_on AS left_on,
          t4.version AS version,
          (
            t4.learner_id IN (
              SELECT
                learner_flag_1.learner_id
              FROM usher.learner_flag AS learner_flag_1
              WHERE
                learner_flag_1.school_id = CAST($1 AS UUID)
                AND learner_flag_1.kind = CAST($3 AS VARCHAR)
                AND learner_flag_1.valid_from <= CAST($4 AS DATE)
                AND (
                  learner_flag_1.valid_to IS NULL OR learner_flag_1.valid_to > CAST($4 AS DATE)
                )
            )
          ) IS TRUE AS of_restricted,
          (
            t4.learner_id IN (
              SELECT
                guardian_link_1.learner_id
              FROM usher.guardian_link AS guardian_link_1
              WHERE
                guardian_link_1.school_id = CAST($1 AS UUID)
                AND guardian_link_1.guardian_id = CAST($5 AS UUID)
                AND guardian_link_1.valid_from <= CAST($4 AS DATE)
                AND (
                  guardian_link_1.valid_to IS NULL OR guardian_link_1.valid_to > CAST($4 AS DATE)
                )
            )
          ) IS TRUE AS of_self_family
        FROM usher.learner AS t4
        WHERE
          t4.school_id = CAST($1 AS UUID)
          AND t4.learner_id IN (
            SELECT
              enrolment_1.learner_id
            FROM usher.enrolment AS enrolment_1
            WHERE
              enrolment_1.school_id = CAST($1 AS UUID)
              AND enrolment_1.class_id = p3.class_id
              AND enrolment_1.valid_from <= CAST($4 AS DATE)
              AND (
                enrolment_1.valid_to IS NULL OR enrolment_1.valid_to > CAST($4 AS DATE)
              )
          )
        LIMIT ALL
        OFFSET 0
      ) AS r5
      ORDER BY
        r5.sort_key ASC,
        r5.learner_id ASC
      LIMIT 500
    ) AS p6
    LEFT OUTER JOIN LATERAL (
      SELECT
        COALESCE(
          JSON_AGG(
            JSON_BUILD_OBJECT(
              'value',
              CASE
                WHEN (
                  p10.is_taught_course AND NOT p6.of_restricted AND NOT p6.of_self_family
                )
                THEN p10.value
                ELSE NULL
              END,
              'points',
              CASE
                WHEN (
                  p10.is_taught_course AND NOT p6.of_restricted AND NOT p6.of_self_family
                )
                THEN CAST(TRIM_SCALE(p10.points) AS TEXT)
                ELSE NULL
              END
            ) ORDER BY p10.rn ASC
          ),
          CAST('[]' AS JSON)
        ) AS a
      FROM LATERAL (
        SELECT
          r8.school_id AS school_id,
          r8.academic_year AS academic_year,
          r8.grade_id AS grade_id,
          r8.learner_id AS learner_id,
          r8.course_id AS course_id,
          r8.window_id AS window_id,
          r8.kind AS kind,
          r8.status AS status,
          r8.value AS value,
          r8.points AS points,
          r8.fine AS fine,
          r8.subject_mark AS subject_mark,
          r8.next_grade AS next_grade,
          r8.marks_to_next AS marks_to_next,
          r8.floor AS floor,
          r8.ceiling AS ceiling,
          r8.flags AS flags,
          r8.specification_id AS specification_id,
          r8.boundary_set_id AS boundary_set_id,
          r8.engine_version AS engine_version,
          r8.rounding AS rounding,
          r8.shift AS shift,
          r8.confidence AS confidence,
          r8.version AS version,
          r8.computed_at AS computed_at,
          r8.is_taught_course AS is_taught_course,
          ROW_NUMBER() OVER (
            ORDER BY CASE
              WHEN (
                r8.is_taught_course AND NOT p6.of_restricted AND NOT p6.of_self_family
              )
              THEN s9.name
              ELSE NULL
            END ASC, r8.grade_id ASC
          ) AS rn
        FROM LATERAL (
          SELECT
            t7.school_id AS school_id,
            t7.academic_year AS academic_year,
            t7.grade_id AS grade_id,
            t7.learner_id AS learner_id,
            t7.course_id AS course_id,
            t7.window_id AS window_id,
            t7.kind AS kind,
            t7.status AS status,
            t7.value AS value,
            t7.points AS points,
            t7.fine AS fine,
            t7.subject_mark AS subject_mark,
            t7.next_grade AS next_grade,
            t7.marks_to_next AS marks_to_next,
            t7.floor AS floor,
            t7.ceiling AS ceiling,
            t7.flags AS flags,
            t7.specification_id AS specification_id,
            t7.boundary_set_id AS boundary_set_id,
            t7.engine_version AS engine_version,
            t7.rounding AS rounding,
            t7.shift AS shift,
            t7.confidence AS confidence,
            t7.version AS version,
            t7.computed_at AS computed_at,
            (
              (t7.learner_id, t7.course_id) IN (
                SELECT
                  enrolment_2.learner_id,
                  enrolment_2.course_id
                FROM usher.enrolment AS enrolment_2
                JOIN usher.teaching_assignment AS teaching_assignment_1
                  ON teaching_assignment_1.school_id = CAST($1 AS UUID)
                  AND teaching_assignment_1.class_id = enrolment_2.class_id
                WHERE
                  enrolment_2.school_id = CAST($1 AS UUID)
                  AND teaching_assignment_1.staff_id = CAST($5 AS UUID)
                  AND teaching_assignment_1.valid_from <= CAST($4 AS DATE)
                  AND (
                    teaching_assignment_1.valid_to IS NULL
                    OR teaching_assignment_1.valid_to > CAST($4 AS DATE)
                  )
                  AND enrolment_2.valid_from <= CAST($4 AS DATE)
                  AND (
                    enrolment_2.valid_to IS NULL OR enrolment_2.valid_to > CAST($4 AS DATE)
                  )
              )
            ) IS TRUE AS is_taught_course
          FROM usher.grade AS t7
          WHERE
            t7.school_id = CAST($1 AS UUID) AND t7.learner_id = p6.learner_id
          LIMIT ALL
          OFFSET 0
        ) AS r8
        LEFT OUTER JOIN LATERAL (
          SELECT
            course_1.name AS name
          FROM usher.course AS course_1
          WHERE
            course_1.school_id = CAST($1 AS UUID) AND course_1.course_id = r8.course_id
        ) AS s9
          ON TRUE
        WHERE
          r8.is_taught_course AND NOT p6.of_restricted AND NOT p6.of_self_family
        ORDER BY
          CASE
            WHEN (
              r8.is_taught_course AND NOT p6.of_restricted AND NOT p6.of_self_family
            )
            THEN s9.name
            ELSE NULL
          END ASC,
          r8.grade_id ASC
        LIMIT CAST($6 AS INT)
      ) AS p10
    ) AS c11
      ON TRUE
    LEFT OUTER JOIN LATERAL (
      SELECT
        JSON_BUILD_OBJECT(
          'nodes',
          COALESCE(
            JSON_AGG(c21.o20 ORDER BY c21.rn ASC) FILTER(WHERE
              c21.rn <= CAST($7 AS INT)),
            CAST('[]' AS JSON)
          )
        ) AS a
      FROM LATERAL (
        SELECT
          p14.rn AS rn,
          JSON_BUILD_OBJECT(
            'score',
            CASE
              WHEN (
                p14.is_taught_course AND NOT p6.of_restricted AND NOT p6.of_self_family
              )
              THEN CAST(TRIM_SCALE(p14.score) AS TEXT)
              ELSE NULL
            END,
            'maximum',
            CASE
              WHEN (
                p14.is_taught_course AND NOT p6.of_restricted AND NOT p6.of_self_family
              )
              THEN CAST(TRIM_SCALE(s15.maximum) AS TEXT)
              ELSE NULL
            END,
            'state',
            CASE
              WHEN (
                p14.is_taught_course AND NOT p6.of_restricted AND NOT p6.of_self_family
              )
              THEN p14.state
              ELSE NULL
            END,
            'assessment',
            c19.a
          ) AS o20
        FROM LATERAL (
          SELECT
            r13.school_id AS school_id,
            r13.academic_year AS academic_year,
            r13.mark_id AS mark_id,
            r13.learner_id AS learner_id,
            r13.assessment_id AS assessment_id,
            r13.course_id AS course_id,
            r13.class_id AS class_id,
            r13.attempt AS attempt,
            r13.state AS state,
            r13.score AS score,
            r13.version AS version,
            r13.recorded_at AS recorded_at,
            r13.recorded_by AS recorded_by,
            r13.is_taught_course AS is_taught_course,
            ROW_NUMBER() OVER (
              ORDER BY CASE
                WHEN (
                  r13.is_taught_course AND NOT p6.of_restricted AND NOT p6.of_self_family
                )
                THEN r13.recorded_at
                ELSE NULL
              END DESC NULLS LAST, r13.mark_id ASC
            ) AS rn
          FROM LATERAL (
            SELECT
              t12.school_id AS school_id,
              t12.academic_year AS academic_year,
              t12.mark_id AS mark_id,
              t12.learner_id AS learner_id,
              t12.assessment_id AS assessment_id,
              t12.course_id AS course_id,
              t12.class_id AS class_id,
              t12.attempt AS attempt,
              t12.state AS state,
              t12.score AS score,
              t12.version AS version,
              t12.recorded_at AS recorded_at,
              t12.recorded_by AS recorded_by,
              (
                (t12.learner_id, t12.course_id) IN (
                  SELECT
                    enrolment_3.learner_id,
                    enrolment_3.course_id
                  FROM usher.enrolment AS enrolment_3
                  JOIN usher.teaching_assignment AS teaching_assignment_2
                    ON teaching_assignment_2.school_id = CAST($1 AS UUID)
                    AND teaching_assignment_2.class_id = enrolment_3.class_id
                  WHERE
                    enrolment_3.school_id = CAST($1 AS UUID)
                    AND teaching_assignment_2.staff_id = CAST($5 AS UUID)
                    AND teaching_assignment_2.valid_from <= CAST($4 AS DATE)
                    AND (
                      teaching_assignment_2.valid_to IS NULL
                      OR teaching_assignment_2.valid_to > CAST($4 AS DATE)
                    )
                    AND enrolment_3.valid_from <= CAST($4 AS DATE)
                    AND (
                      enrolment_3.valid_to IS NULL OR enrolment_3.valid_to > CAST($4 AS DATE)
                    )
                )
              ) IS TRUE AS is_taught_course
            FROM usher.mark AS t12
            WHERE
              t12.school_id = CAST($1 AS UUID) AND t12.learner_id = p6.learner_id
            LIMIT ALL
            OFFSET 0
          ) AS r13
          WHERE
            r13.is_taught_course AND NOT p6.of_restricted AND NOT p6.of_self_family
          ORDER BY
            CASE
              WHEN (
                r13.is_taught_course AND NOT p6.of_restricted AND NOT p6.of_self_family
              )
              THEN r13.recorded_at
              ELSE NULL
            END DESC NULLS LAST,
            r13.mark_id ASC
          LIMIT CAST($8 AS INT) + CAST($9 AS INT)
        ) AS p14
        LEFT OUTER JOIN LATERAL (
          SELECT
            assessment_1.maximum AS maximum,
            assessment_1.held_on AS held_on
          FROM usher.assessment AS assessment_1
          WHERE
            assessment_1.school_id = CAST($1 AS UUID)
            AND assessment_1.assessment_id = p14.assessment_id
        ) AS s15
          ON TRUE
        LEFT OUTER JOIN LATERAL (
          SELECT
            JSON_BUILD_OBJECT('name', p18.name) AS a
          FROM LATERAL (
            SELECT
              r17.school_id AS school_id,
              r17.assessment_id AS assessment_id,
              r17.academic_year AS academic_year,
              r17.course_id AS course_id,
              r17.window_id AS window_id,
              r17.component_code AS component_code,
              r17.name AS name,
              r17.maximum AS maximum,
              r17.step AS step,
              r17.held_on AS held_on
            FROM LATERAL (
              SELECT
                t16.school_id AS school_id,
                t16.assessment_id AS assessment_id,
                t16.academic_year AS academic_year,
                t16.course_id AS course_id,
                t16.window_id AS window_id,
                t16.component_code AS component_code,
                t16.name AS name,
                t16.maximum AS maximum,
                t16.step AS step,
                t16.held_on AS held_on
              FROM usher.assessment AS t16
              WHERE
                t16.school_id = CAST($1 AS UUID) AND t16.assessment_id = p14.assessment_id
            ) AS r17
            LIMIT 1
          ) AS p18
        ) AS c19
          ON TRUE
      ) AS c21
      HAVING
        TRUE
    ) AS c22
      ON TRUE
  ) AS c23
    ON TRUE
) AS c24
  ON TRUE
