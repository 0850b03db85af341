-- q5-parents-report as pat, PARENT, under the rule book a school starts with
SELECT
  JSON_BUILD_OBJECT('report', c17.a) AS answer
FROM (
  SELECT
    1 AS one
) AS roots
LEFT OUTER JOIN LATERAL (
  SELECT
    JSON_BUILD_OBJECT(
      'name',
      CASE
        WHEN (
          p5.of_child AND p5.of_child AND NOT p5.of_left
        )
        THEN s6.name
        ELSE NULL
      END,
      'publishedAt',
      CASE
        WHEN (
          p5.of_child AND p5.of_child AND NOT p5.of_left
        )
        THEN TO_CHAR(TIMEZONE('UTC', p5.published_at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        ELSE NULL
      END,
      'version',
      CASE
        WHEN (
          p5.of_child AND p5.of_child AND NOT p5.of_left
        )
        THEN p5.version
        ELSE NULL
      END,
      'receipt',
      CASE
        WHEN (
          p5.of_child AND p5.of_child AND NOT p5.of_left
        )
        THEN TO_CHAR(TIMEZONE('UTC', s7.received_at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        ELSE NULL
      END,
      'learner',
      c12.a,
      'lines',
      COALESCE(c16.a, CAST('[]' AS JSON))
    ) AS a
  FROM LATERAL (
    SELECT
      r2.school_id AS school_id,
      r2.report_id AS report_id,
      r2.publication_id AS publication_id,
      r2.learner_id AS learner_id,
      r2.version AS version,
      r2.published_at AS published_at,
      r2.of_child AS of_child,
      r2.of_left AS of_left,
      r2.is_published AS is_published
    FROM LATERAL (
      SELECT
        t1.school_id AS school_id,
        t1.report_id AS report_id,
        t1.publication_id AS publication_id,
        t1.learner_id AS learner_id,
        t1.version AS version,
        t1.published_at AS published_at,
        (
          EXISTS(
            SELECT
              guardian_link_1.learner_id
            FROM usher.guardian_link AS guardian_link_1
            WHERE
              guardian_link_1.school_id = CAST($1 AS UUID)
              AND guardian_link_1.guardian_id = CAST($2 AS UUID)
              AND guardian_link_1.verified_at IS NOT NULL
              AND guardian_link_1.valid_from <= CAST($3 AS DATE)
              AND (
                guardian_link_1.valid_to IS NULL OR guardian_link_1.valid_to > CAST($3 AS DATE)
              )
              AND NOT (
                EXISTS(
                  SELECT
                    link_restriction_1.restriction_id
                  FROM usher.link_restriction AS link_restriction_1
                  WHERE
                    link_restriction_1.school_id = CAST($1 AS UUID)
                    AND link_restriction_1.guardian_id = guardian_link_1.guardian_id
                    AND link_restriction_1.learner_id = guardian_link_1.learner_id
                    AND NOT (
                      EXISTS(
                        SELECT
                          link_restriction_end_1.restriction_id
                        FROM usher.link_restriction_end AS link_restriction_end_1
                        WHERE
                          link_restriction_end_1.school_id = CAST($1 AS UUID)
                          AND link_restriction_end_1.restriction_id = link_restriction_1.restriction_id
                      )
                    )
                )
              )
              AND guardian_link_1.learner_id = t1.learner_id
          )
        ) IS TRUE AS of_child,
        (
          EXISTS(
            SELECT
              learner_1.learner_id
            FROM usher.learner AS learner_1
            WHERE
              learner_1.school_id = CAST($1 AS UUID)
              AND learner_1.left_on <= CAST($3 AS DATE)
              AND learner_1.learner_id = t1.learner_id
          )
        ) IS TRUE AS of_left,
        (
          EXISTS(
            SELECT
              publication_1.publication_id
            FROM usher.publication AS publication_1
            WHERE
              publication_1.school_id = CAST($1 AS UUID)
              AND publication_1.status = CAST($4 AS VARCHAR) COLLATE "C"
              AND publication_1.publication_id = t1.publication_id
          )
        ) IS TRUE AS is_published
      FROM usher.report AS t1
      WHERE
        t1.school_id = CAST($1 AS UUID) AND t1.report_id = CAST($5 AS UUID)
      LIMIT ALL
      OFFSET 0
    ) AS r2
    WHERE
      (
        EXISTS(
          SELECT
            1 AS anon_1
          FROM LATERAL (
            SELECT
              t3.school_id AS school_id,
              t3.report_line_id AS report_line_id,
              t3.report_id AS report_id,
              t3.publication_id AS publication_id,
              t3.learner_id AS learner_id,
              t3.course_id AS course_id,
              t3.position AS position,
              t3.course_name AS course_name,
              t3.teacher_name AS teacher_name,
              t3.grade AS grade,
              t3.target AS target,
              t3.comment AS comment,
              t3.specification AS specification,
              t3.series AS series,
              t3.shift AS shift,
              t3.rounding AS rounding,
              t3.confidence AS confidence,
              (
                t3.publication_id IN (
                  SELECT
                    publication_2.publication_id
                  FROM usher.publication AS publication_2
                  WHERE
                    publication_2.school_id = CAST($1 AS UUID)
                    AND publication_2.status = CAST($6 AS VARCHAR) COLLATE "C"
                )
              ) IS TRUE AS is_published
            FROM usher.report_line AS t3
            WHERE
              t3.school_id = CAST($1 AS UUID) AND t3.report_id = r2.report_id
            LIMIT ALL
            OFFSET 0
          ) AS r4
          WHERE
            r2.of_child
            AND r4.is_published
            AND r2.of_child
            AND r4.is_published
            AND NOT r2.of_left
            OR r2.of_child
            AND r4.is_published
            AND r2.of_child
            AND r4.is_published
            AND NOT r2.of_left
            OR r2.of_child
            AND r4.is_published
            AND r2.of_child
            AND r4.is_published
            AND NOT r2.of_left
        )
      )
      AND r2.of_child
      AND r2.of_child
      AND NOT r2.of_left
    LIMIT 1
  ) AS p5
  LEFT OUTER JOIN LATERAL (
    SELECT
      publication_3.name AS name,
      publication_3.academic_year AS academic_year,
      publication_3.status AS status
    FROM usher.publication AS publication_3
    WHERE
      publication_3.school_id = CAST($1 AS UUID)
      AND publication_3.publication_id = p5.publication_id
  ) AS s6
    ON TRUE
  LEFT OUTER JOIN LATERAL (
    SELECT
      report_receipt_1.received_at AS received_at
    FROM usher.report_receipt AS report_receipt_1
    WHERE
      report_receipt_1.school_id = CAST($1 AS UUID)
      AND report_receipt_1.report_id = p5.report_id
      AND report_receipt_1.person_id = CAST($2 AS UUID)
  ) AS s7
    ON TRUE
  LEFT OUTER JOIN LATERAL (
    SELECT
      JSON_BUILD_OBJECT(
        'givenName',
        CASE
          WHEN (
            p5.of_child AND p5.of_child AND NOT p5.of_left
          )
          THEN p10.given_name
          ELSE NULL
        END,
        'yearGroup',
        JSON_BUILD_OBJECT(
          'name',
          CASE
            WHEN (
              p5.of_child AND p5.of_child AND NOT p5.of_left
            )
            THEN p10.year_group
            ELSE NULL
          END
        ),
        'attendance',
        JSON_BUILD_OBJECT(
          'percentage',
          CASE
            WHEN (
              p5.of_child AND p5.of_child AND NOT p5.of_left
            )
            THEN CAST(TRIM_SCALE(
              CAST(ROUND(
                (
                  s11.attended * 100
                ) / CAST(CAST(NULLIF(s11.possible, 0) AS DECIMAL) AS DECIMAL),
                1
              ) AS DECIMAL)
            ) AS TEXT)
            ELSE NULL
          END
        )
      ) AS a
    FROM LATERAL (
      SELECT
        r9.school_id AS school_id,
        r9.learner_id AS learner_id,
        r9.upn AS upn,
        r9.mis_id AS mis_id,
        r9.given_name AS given_name,
        r9.family_name AS family_name,
        r9.preferred_name AS preferred_name,
        r9.sort_key AS sort_key,
        r9.date_of_birth AS date_of_birth,
        r9.gender AS gender,
        r9.year_group AS year_group,
        r9.key_stage_2 AS key_stage_2,
        r9.first_language AS first_language,
        r9.admitted_on AS admitted_on,
        r9.left_on AS left_on,
        r9.version AS version
      FROM LATERAL (
        SELECT
          t8.school_id AS school_id,
          t8.learner_id AS learner_id,
          t8.upn AS upn,
          t8.mis_id AS mis_id,
          t8.given_name AS given_name,
          t8.family_name AS family_name,
          t8.preferred_name AS preferred_name,
          t8.sort_key AS sort_key,
          t8.date_of_birth AS date_of_birth,
          t8.gender AS gender,
          t8.year_group AS year_group,
          t8.key_stage_2 AS key_stage_2,
          t8.first_language AS first_language,
          t8.admitted_on AS admitted_on,
          t8.left_on AS left_on,
          t8.version AS version
        FROM usher.learner AS t8
        WHERE
          t8.school_id = CAST($1 AS UUID) AND t8.learner_id = p5.learner_id
      ) AS r9
      WHERE
        p5.of_child AND p5.of_child AND NOT p5.of_left
      LIMIT 1
    ) AS p10
    LEFT OUTER JOIN LATERAL (
      SELECT
        attendance_1.possible AS possible,
        attendance_1.attended AS attended
      FROM usher.attendance AS attendance_1
      WHERE
        attendance_1.school_id = CAST($1 AS UUID)
        AND attendance_1.academic_year = (
          SELECT
            school_1.academic_year
          FROM usher.school AS school_1
          WHERE
            school_1.school_id = CAST($1 AS UUID)
        )
        AND attendance_1.learner_id = p10.learner_id
    ) AS s11
      ON TRUE
  ) AS c12
    ON TRUE
  LEFT OUTER JOIN LATERAL (
    SELECT
      COALESCE(
        JSON_AGG(
          JSON_BUILD_OBJECT(
            'course',
            CASE
              WHEN (
                p5.of_child AND p5.of_child AND NOT p5.of_left
              )
              THEN p15.course_name
              ELSE NULL
            END,
            'teacher',
            CASE
              WHEN (
                p5.of_child
                AND p15.is_published
                AND p5.of_child
                AND p15.is_published
                AND NOT p5.of_left
              )
              THEN p15.teacher_name
              ELSE NULL
            END,
            'grade',
            CASE
              WHEN (
                p5.of_child
                AND p15.is_published
                AND p5.of_child
                AND p15.is_published
                AND NOT p5.of_left
              )
              THEN p15.grade
              ELSE NULL
            END,
            'target',
            CASE
              WHEN (
                p5.of_child
                AND p15.is_published
                AND p5.of_child
                AND p15.is_published
                AND NOT p5.of_left
              )
              THEN p15.target
              ELSE NULL
            END,
            'comment',
            CASE
              WHEN (
                p5.of_child
                AND p15.is_published
                AND p5.of_child
                AND p15.is_published
                AND NOT p5.of_left
              )
              THEN p15.comment
              ELSE NULL
            END
          ) ORDER BY p15.rn ASC
        ),
        CAST('[]' AS JSON)
      ) AS a
    FROM LATERAL (
      SELECT
        r14.school_id AS school_id,
        r14.report_line_id AS report_line_id,
        r14.report_id AS report_id,
        r14.publication_id AS publication_id,
        r14.learner_id AS learner_id,
        r14.course_id AS course_id,
        r14.position AS position,
        r14.course_name AS course_name,
        r14.teacher_name AS teacher_name,
        r14.grade AS grade,
        r14.target AS target,
        r14.comment AS comment,
        r14.specification AS specification,
        r14.series AS series,
        r14.shift AS shift,
        r14.rounding AS rounding,
        r14.confidence AS confidence,
        r14.is_published AS is_published,
        ROW_NUMBER() OVER (
          ORDER BY CASE
            WHEN (
              p5.of_child AND p5.of_child AND NOT p5.of_left
            )
            THEN r14.position
            ELSE NULL
          END ASC, r14.report_line_id ASC
        ) AS rn
      FROM LATERAL (
        SELECT
          t13.school_id AS school_id,
          t13.report_line_id AS report_line_id,
          t13.report_id AS report_id,
          t13.publication_id AS publication_id,
          t13.learner_id AS learner_id,
          t13.course_id AS course_id,
          t13.position AS position,
          t13.course_name AS course_name,
          t13.teacher_name AS teacher_name,
          t13.grade AS grade,
          t13.target AS target,
          t13.comment AS comment,
          t13.specification AS specification,
          t13.series AS series,
          t13.shift AS shift,
          t13.rounding AS rounding,
          t13.confidence AS confidence,
          (
            t13.publication_id IN (
              SELECT
                publication_4.publication_id
              FROM usher.publication AS publication_4
              WHERE
                publication_4.school_id = CAST($1 AS UUID)
                AND publication_4.status = CAST($7 AS VARCHAR) COLLATE "C"
            )
          ) IS TRUE AS is_published
        FROM usher.report_line AS t13
        WHERE
          t13.school_id = CAST($1 AS UUID) AND t13.report_id = p5.report_id
        LIMIT ALL
        OFFSET 0
      ) AS r14
      WHERE
        p5.of_child
        AND r14.is_published
        AND p5.of_child
        AND r14.is_published
        AND NOT p5.of_left
        OR p5.of_child
        AND r14.is_published
        AND p5.of_child
        AND r14.is_published
        AND NOT p5.of_left
        OR p5.of_child
        AND r14.is_published
        AND p5.of_child
        AND r14.is_published
        AND NOT p5.of_left
      ORDER BY
        CASE
          WHEN (
            p5.of_child AND p5.of_child AND NOT p5.of_left
          )
          THEN r14.position
          ELSE NULL
        END ASC,
        r14.report_line_id ASC
      LIMIT 500
    ) AS p15
  ) AS c16
    ON TRUE
) AS c17
  ON TRUE
