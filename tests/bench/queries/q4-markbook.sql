-- q4-markbook as teacher, STAFF, under the rule book a school starts with
SELECT
  JSON_BUILD_OBJECT('class', c31.a) AS answer
FROM (
  SELECT
    1 AS one
) AS roots
LEFT OUTER JOIN LATERAL (
  SELECT
    JSON_BUILD_OBJECT(
      'name',
      p3.name,
      'assessments',
      COALESCE(c7.a, CAST('[]' AS JSON)),
      'markbook',
      COALESCE(c25.a, CAST('[]' AS JSON)),
      'gradeDistribution',
      c30.a
    ) AS a
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
            'asm_' || REPLACE(CAST(p6.assessment_id AS TEXT), '-', ''),
            'name',
            p6.name,
            'heldOn',
            TO_CHAR(p6.held_on, 'YYYY-MM-DD'),
            'maximum',
            CAST(TRIM_SCALE(p6.maximum) AS TEXT)
          ) ORDER BY p6.rn ASC
        ),
        CAST('[]' AS JSON)
      ) AS a
    FROM LATERAL (
      SELECT
        r5.school_id AS school_id,
        r5.assessment_id AS assessment_id,
        r5.academic_year AS academic_year,
        r5.course_id AS course_id,
        r5.window_id AS window_id,
        r5.component_code AS component_code,
        r5.name AS name,
        r5.maximum AS maximum,
        r5.step AS step,
        r5.held_on AS held_on,
        ROW_NUMBER() OVER (ORDER BY r5.held_on ASC, r5.assessment_id ASC) AS rn
      FROM LATERAL (
        SELECT
          t4.school_id AS school_id,
          t4.assessment_id AS assessment_id,
          t4.academic_year AS academic_year,
          t4.course_id AS course_id,
          t4.window_id AS window_id,
          t4.component_code AS component_code,
          t4.name AS name,
          t4.maximum AS maximum,
          t4.step AS step,
          t4.held_on AS held_on
        FROM usher.assessment AS t4
        WHERE
          t4.school_id = CAST($1 AS UUID)
          AND (
            EXISTS(
              SELECT
                *
              FROM usher.assessment_class AS assessment_class_1
              WHERE
                assessment_class_1.school_id = CAST($1 AS UUID)
                AND assessment_class_1.class_id = p3.class_id
                AND assessment_class_1.assessment_id = t4.assessment_id
            )
          )
      ) AS r5
      ORDER BY
        r5.held_on ASC,
        r5.assessment_id ASC
      LIMIT 500
    ) AS p6
  ) AS c7
    ON TRUE
  LEFT OUTER JOIN LATERAL (
    SELECT
      COALESCE(
        JSON_AGG(
          JSON_BUILD_OBJECT('learner', c15.a, 'cells', COALESCE(c24.a, CAST('[]' AS JSON))) ORDER BY p11.rn ASC
        ),
        CAST('[]' AS JSON)
      ) AS a
    FROM LATERAL (
      SELECT
        r9.school_id AS school_id,
        r9.enrolment_id AS enrolment_id,
        r9.class_id AS class_id,
        r9.learner_id AS learner_id,
        r9.course_id AS course_id,
        r9.academic_year AS academic_year,
        r9.source AS source,
        r9.valid_from AS valid_from,
        r9.valid_to AS valid_to,
        r9.of_restricted AS of_restricted,
        r9.of_self_family AS of_self_family,
        ROW_NUMBER() OVER (ORDER BY s10.sort_key ASC, r9.enrolment_id ASC) AS rn
      FROM LATERAL (
        SELECT
          t8.school_id AS school_id,
          t8.enrolment_id AS enrolment_id,
          t8.class_id AS class_id,
          t8.learner_id AS learner_id,
          t8.course_id AS course_id,
          t8.academic_year AS academic_year,
          t8.source AS source,
          t8.valid_from AS valid_from,
          t8.valid_to AS valid_to,
          (
            t8.learner_id IN (
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
            t8.learner_id IN (
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
        FROM usher.enrolment AS t8
        WHERE
          t8.school_id = CAST($1 AS UUID)
          AND t8.class_id = p3.class_id
          AND t8.valid_from <= CAST($4 AS DATE)
          AND (
            t8.valid_to IS NULL OR t8.valid_to > CAST($4 AS DATE)
          )
        LIMIT ALL
        OFFSET 0
      ) AS r9
      LEFT OUTER JOIN LATERAL (
        SELECT
          learner_1.sort_key AS sort_key
        FROM usher.learner AS learner_1
        WHERE
          learner_1.school_id = CAST($1 AS UUID) AND learner_1.learner_id = r9.learner_id
      ) AS s10
        ON TRUE
      ORDER BY
        s10.sort_key ASC,
        r9.enrolment_id ASC
      LIMIT 500
    ) AS p11
    LEFT OUTER JOIN LATERAL (
      SELECT
        JSON_BUILD_OBJECT(
          'id',
          'lrn_' || REPLACE(CAST(p14.learner_id AS TEXT), '-', ''),
          'givenName',
          p14.given_name,
          'familyName',
          p14.family_name
        ) AS a
      FROM LATERAL (
        SELECT
          r13.school_id AS school_id,
          r13.learner_id AS learner_id,
          r13.upn AS upn,
          r13.mis_id AS mis_id,
          r13.given_name AS given_name,
          r13.family_name AS family_name,
          r13.preferred_name AS preferred_name,
          r13.sort_key AS sort_key,
          r13.date_of_birth AS date_of_birth,
          r13.gender AS gender,
          r13.year_group AS year_group,
          r13.key_stage_2 AS key_stage_2,
          r13.first_language AS first_language,
          r13.admitted_on AS admitted_on,
          r13.left_on AS left_on,
          r13.version AS version
        FROM LATERAL (
          SELECT
            t12.school_id AS school_id,
            t12.learner_id AS learner_id,
            t12.upn AS upn,
            t12.mis_id AS mis_id,
            t12.given_name AS given_name,
            t12.family_name AS family_name,
            t12.preferred_name AS preferred_name,
            t12.sort_key AS sort_key,
            t12.date_of_birth AS date_of_birth,
            t12.gender AS gender,
            t12.year_group AS year_group,
            t12.key_stage_2 AS key_stage_2,
            t12.first_language AS first_language,
            t12.admitted_on AS admitted_on,
            t12.left_on AS left_on,
            t12.version AS version
          FROM usher.learner AS t12
          WHERE
            t12.school_id = CAST($1 AS UUID) AND t12.learner_id = p11.learner_id
        ) AS r13
        LIMIT 1
      ) AS p14
    ) AS c15
      ON TRUE
    LEFT OUTER JOIN LATERAL (
      SELECT
        COALESCE(
          JSON_AGG(
            JSON_BUILD_OBJECT(
              'state',
              CASE
                WHEN (
                  p18.is_taught_course AND NOT p11.of_restricted AND NOT p11.of_self_family
                )
                THEN COALESCE(s19.state, CAST($6 AS VARCHAR))
                ELSE NULL
              END,
              'score',
              CASE
                WHEN (
                  p18.is_taught_course AND NOT p11.of_restricted AND NOT p11.of_self_family
                )
                THEN CAST(TRIM_SCALE(s19.score) AS TEXT)
                ELSE NULL
              END,
              'maximum',
              CAST(TRIM_SCALE(p18.maximum) AS TEXT),
              'version',
              CASE
                WHEN (
                  p18.is_taught_course AND NOT p11.of_restricted AND NOT p11.of_self_family
                )
                THEN COALESCE(s19.version, CAST(0 AS INT))
                ELSE NULL
              END,
              'assessment',
              c23.a
            ) ORDER BY p18.rn ASC
          ),
          CAST('[]' AS JSON)
        ) AS a
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
          r17.held_on AS held_on,
          r17.is_taught_course AS is_taught_course,
          ROW_NUMBER() OVER (ORDER BY r17.held_on ASC, r17.assessment_id ASC) AS rn
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
            t16.held_on AS held_on,
            (
              (p11.learner_id, t16.course_id) IN (
                SELECT
                  enrolment_1.learner_id,
                  enrolment_1.course_id
                FROM usher.enrolment AS enrolment_1
                JOIN usher.teaching_assignment AS teaching_assignment_1
                  ON teaching_assignment_1.school_id = CAST($1 AS UUID)
                  AND teaching_assignment_1.class_id = enrolment_1.class_id
                WHERE
                  enrolment_1.school_id = CAST($1 AS UUID)
                  AND teaching_assignment_1.staff_id = CAST($5 AS UUID)
                  AND teaching_assignment_1.valid_from <= CAST($4 AS DATE)
                  AND (
                    teaching_assignment_1.valid_to IS NULL
                    OR teaching_assignment_1.valid_to > CAST($4 AS DATE)
                  )
                  AND enrolment_1.valid_from <= CAST($4 AS DATE)
                  AND (
                    enrolment_1.valid_to IS NULL OR enrolment_1.valid_to > CAST($4 AS DATE)
                  )
              )
            ) IS TRUE AS is_taught_course
          FROM usher.assessment AS t16
          WHERE
            t16.school_id = CAST($1 AS UUID)
            AND (
              EXISTS(
                SELECT
                  *
                FROM usher.assessment_class AS assessment_class_2
                WHERE
                  assessment_class_2.school_id = CAST($1 AS UUID)
                  AND assessment_class_2.class_id = p11.class_id
                  AND assessment_class_2.assessment_id = t16.assessment_id
              )
            )
          LIMIT ALL
          OFFSET 0
        ) AS r17
        ORDER BY
          r17.held_on ASC,
          r17.assessment_id ASC
        LIMIT 500
      ) AS p18
      LEFT OUTER JOIN LATERAL (
        SELECT
          mark_version_1.state AS state,
          mark_version_1.score AS score,
          mark_version_1.version AS version
        FROM usher.mark AS mark_1
        JOIN usher.mark_version AS mark_version_1
          ON mark_version_1.school_id = CAST($1 AS UUID)
          AND mark_version_1.academic_year = mark_1.academic_year
          AND mark_version_1.mark_id = mark_1.mark_id
        WHERE
          mark_1.school_id = CAST($1 AS UUID)
          AND mark_1.academic_year = p18.academic_year
          AND mark_1.assessment_id = p18.assessment_id
          AND mark_1.learner_id = p11.learner_id
          AND mark_1.attempt = 1
          AND CAST(TIMEZONE(CAST($7 AS VARCHAR), mark_version_1.recorded_at) AS DATE) <= CAST($4 AS DATE)
        ORDER BY
          mark_version_1.version DESC
        LIMIT 1
      ) AS s19
        ON TRUE
      LEFT OUTER JOIN LATERAL (
        SELECT
          JSON_BUILD_OBJECT('id', 'asm_' || REPLACE(CAST(p22.assessment_id AS TEXT), '-', '')) AS a
        FROM LATERAL (
          SELECT
            r21.school_id AS school_id,
            r21.assessment_id AS assessment_id,
            r21.academic_year AS academic_year,
            r21.course_id AS course_id,
            r21.window_id AS window_id,
            r21.component_code AS component_code,
            r21.name AS name,
            r21.maximum AS maximum,
            r21.step AS step,
            r21.held_on AS held_on
          FROM LATERAL (
            SELECT
              t20.school_id AS school_id,
              t20.assessment_id AS assessment_id,
              t20.academic_year AS academic_year,
              t20.course_id AS course_id,
              t20.window_id AS window_id,
              t20.component_code AS component_code,
              t20.name AS name,
              t20.maximum AS maximum,
              t20.step AS step,
              t20.held_on AS held_on
            FROM usher.assessment AS t20
            WHERE
              t20.school_id = CAST($1 AS UUID) AND t20.assessment_id = p18.assessment_id
          ) AS r21
          LIMIT 1
        ) AS p22
      ) AS c23
        ON TRUE
    ) AS c24
      ON TRUE
  ) AS c25
    ON TRUE
  LEFT OUTER JOIN LATERAL (
    SELECT
      COALESCE(
        JSON_AGG(JSON_BUILD_OBJECT('value', y29.by, 'count', y29.n) ORDER BY y29.by ASC),
        CAST('[]' AS JSON)
      ) AS a
    FROM LATERAL (
      SELECT
        CASE
          WHEN (
            p28.is_taught_course AND NOT p28.of_restricted AND NOT p28.of_self_family
          )
          THEN p28.value
          ELSE NULL
        END AS by,
        COUNT(*) AS n
      FROM LATERAL (
        SELECT
          r27.school_id AS school_id,
          r27.academic_year AS academic_year,
          r27.grade_id AS grade_id,
          r27.learner_id AS learner_id,
          r27.course_id AS course_id,
          r27.window_id AS window_id,
          r27.kind AS kind,
          r27.status AS status,
          r27.value AS value,
          r27.points AS points,
          r27.fine AS fine,
          r27.subject_mark AS subject_mark,
          r27.next_grade AS next_grade,
          r27.marks_to_next AS marks_to_next,
          r27.floor AS floor,
          r27.ceiling AS ceiling,
          r27.flags AS flags,
          r27.specification_id AS specification_id,
          r27.boundary_set_id AS boundary_set_id,
          r27.engine_version AS engine_version,
          r27.rounding AS rounding,
          r27.shift AS shift,
          r27.confidence AS confidence,
          r27.version AS version,
          r27.computed_at AS computed_at,
          r27.of_restricted AS of_restricted,
          r27.of_self_family AS of_self_family,
          r27.is_taught_course AS is_taught_course,
          ROW_NUMBER() OVER (ORDER BY r27.grade_id ASC) AS rn
        FROM LATERAL (
          SELECT
            t26.school_id AS school_id,
            t26.academic_year AS academic_year,
            t26.grade_id AS grade_id,
            t26.learner_id AS learner_id,
            t26.course_id AS course_id,
            t26.window_id AS window_id,
            t26.kind AS kind,
            t26.status AS status,
            t26.value AS value,
            t26.points AS points,
            t26.fine AS fine,
            t26.subject_mark AS subject_mark,
            t26.next_grade AS next_grade,
            t26.marks_to_next AS marks_to_next,
            t26.floor AS floor,
            t26.ceiling AS ceiling,
            t26.flags AS flags,
            t26.specification_id AS specification_id,
            t26.boundary_set_id AS boundary_set_id,
            t26.engine_version AS engine_version,
            t26.rounding AS rounding,
            t26.shift AS shift,
            t26.confidence AS confidence,
            t26.version AS version,
            t26.computed_at AS computed_at,
            (
              t26.learner_id IN (
                SELECT
                  learner_flag_2.learner_id
                FROM usher.learner_flag AS learner_flag_2
                WHERE
                  learner_flag_2.school_id = CAST($1 AS UUID)
                  AND learner_flag_2.kind = CAST($8 AS VARCHAR)
                  AND learner_flag_2.valid_from <= CAST($4 AS DATE)
                  AND (
                    learner_flag_2.valid_to IS NULL OR learner_flag_2.valid_to > CAST($4 AS DATE)
                  )
              )
            ) IS TRUE AS of_restricted,
            (
              t26.learner_id IN (
                SELECT
                  guardian_link_2.learner_id
                FROM usher.guardian_link AS guardian_link_2
                WHERE
                  guardian_link_2.school_id = CAST($1 AS UUID)
                  AND guardian_link_2.guardian_id = CAST($5 AS UUID)
                  AND guardian_link_2.valid_from <= CAST($4 AS DATE)
                  AND (
                    guardian_link_2.valid_to IS NULL OR guardian_link_2.valid_to > CAST($4 AS DATE)
                  )
              )
            ) IS TRUE AS of_self_family,
            (
              (t26.learner_id, t26.course_id) IN (
                SELECT
                  enrolment_2.learner_id,
                  enrolment_2.course_id
                FROM usher.enrolment AS enrolment_2
                JOIN usher.teaching_assignment AS teaching_assignment_2
                  ON teaching_assignment_2.school_id = CAST($1 AS UUID)
                  AND teaching_assignment_2.class_id = enrolment_2.class_id
                WHERE
                  enrolment_2.school_id = CAST($1 AS UUID)
                  AND teaching_assignment_2.staff_id = CAST($5 AS UUID)
                  AND teaching_assignment_2.valid_from <= CAST($4 AS DATE)
                  AND (
                    teaching_assignment_2.valid_to IS NULL
                    OR teaching_assignment_2.valid_to > CAST($4 AS DATE)
                  )
                  AND enrolment_2.valid_from <= CAST($4 AS DATE)
                  AND (
                    enrolment_2.valid_to IS NULL OR enrolment_2.valid_to > CAST($4 AS DATE)
                  )
              )
            ) IS TRUE AS is_taught_course
          FROM usher.grade AS t26
          WHERE
            t26.school_id = CAST($1 AS UUID)
            AND t26.academic_year = p3.academic_year
            AND t26.course_id = p3.course_id
            AND t26.window_id = (
              SELECT
                assessment_window_1.window_id
              FROM usher.assessment_class AS assessment_class_3
              JOIN usher.assessment AS assessment_1
                ON assessment_1.school_id = CAST($1 AS UUID)
                AND assessment_1.assessment_id = assessment_class_3.assessment_id
              JOIN usher.assessment_window AS assessment_window_1
                ON assessment_window_1.school_id = CAST($1 AS UUID)
                AND assessment_window_1.window_id = assessment_1.window_id
              WHERE
                assessment_class_3.school_id = CAST($1 AS UUID)
                AND assessment_class_3.class_id = p3.class_id
              ORDER BY
                assessment_window_1.ends_on DESC,
                assessment_window_1.window_id
              LIMIT 1
            )
            AND t26.value IS NOT NULL
            AND t26.learner_id IN (
              SELECT
                enrolment_3.learner_id
              FROM usher.enrolment AS enrolment_3
              WHERE
                enrolment_3.school_id = CAST($1 AS UUID)
                AND enrolment_3.class_id = p3.class_id
                AND enrolment_3.valid_from <= CAST($4 AS DATE)
                AND (
                  enrolment_3.valid_to IS NULL OR enrolment_3.valid_to > CAST($4 AS DATE)
                )
            )
          LIMIT ALL
          OFFSET 0
        ) AS r27
        WHERE
          r27.is_taught_course AND NOT r27.of_restricted AND NOT r27.of_self_family
        ORDER BY
          r27.grade_id ASC
        LIMIT 500
      ) AS p28
      GROUP BY
        CASE
          WHEN (
            p28.is_taught_course AND NOT p28.of_restricted AND NOT p28.of_self_family
          )
          THEN p28.value
          ELSE NULL
        END
    ) AS y29
    WHERE
      y29.by IS NOT NULL
  ) AS c30
    ON TRUE
) AS c31
  ON TRUE
