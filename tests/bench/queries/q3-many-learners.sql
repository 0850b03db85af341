-- q3-many-learners as head, STAFF, under the rule book a school starts with
SELECT
  JSON_BUILD_OBJECT('learners', c12.a) AS answer,
  CAST((
    '{' || NULLIF(
      CONCAT_WS(',', '"learner_address":' || seen0.ids, '"learner_contact":' || seen0.ids),
      ''
    )
  ) || '}' AS JSON) AS log
FROM (
  SELECT
    1 AS one
) AS roots
LEFT OUTER JOIN LATERAL (
  SELECT
    JSON_BUILD_OBJECT(
      'nodes',
      COALESCE(
        JSON_AGG(c11.o10 ORDER BY c11.rn ASC) FILTER(WHERE
          c11.rn <= CAST($1 AS INT)),
        CAST('[]' AS JSON)
      )
    ) AS a,
    STRING_AGG(c11.g0, ',') FILTER(WHERE
      c11.rn <= CAST($1 AS INT)) AS g0
  FROM LATERAL (
    SELECT
      p3.rn AS rn,
      JSON_BUILD_OBJECT(
        'id',
        'lrn_' || REPLACE(CAST(p3.learner_id AS TEXT), '-', ''),
        'givenName',
        p3.given_name,
        'familyName',
        p3.family_name,
        'preferredName',
        p3.preferred_name,
        'gender',
        p3.gender,
        'dateOfBirth',
        NULL,
        'upn',
        NULL,
        'misId',
        NULL,
        'ethnicity',
        NULL,
        'firstLanguage',
        NULL,
        'yearGroup',
        JSON_BUILD_OBJECT(
          'name',
          CASE
            WHEN (
              NOT p3.of_restricted AND NOT p3.of_self_family
            )
            THEN p3.year_group
            ELSE NULL
          END
        ),
        'sen',
        JSON_BUILD_OBJECT('provision', NULL, 'needs', NULL),
        'contact',
        JSON_BUILD_OBJECT(
          'email',
          CASE WHEN NOT p3.of_self_family THEN s4.email ELSE NULL END,
          'phone',
          CASE WHEN NOT p3.of_self_family THEN s4.phone ELSE NULL END,
          'address',
          CASE WHEN NOT p3.of_self_family THEN s4.address ELSE NULL END
        ),
        'pupilPremium',
        JSON_BUILD_OBJECT('reason', NULL),
        'freeSchoolMeals',
        NULL,
        'lookedAfter',
        NULL,
        'attendance',
        JSON_BUILD_OBJECT(
          'percentage',
          CASE
            WHEN (
              NOT p3.of_restricted AND NOT p3.of_self_family
            )
            THEN CAST(TRIM_SCALE(
              CAST(ROUND(
                (
                  s5.attended * 100
                ) / CAST(CAST(NULLIF(s5.possible, 0) AS DECIMAL) AS DECIMAL),
                1
              ) AS DECIMAL)
            ) AS TEXT)
            ELSE NULL
          END
        ),
        'tutorGroup',
        c9.a
      ) AS o10,
      CASE WHEN NOT p3.of_self_family THEN CAST(p3.learner_id AS TEXT) ELSE NULL END AS g0
    FROM LATERAL (
      SELECT
        r2.school_id AS school_id,
        r2.learner_id AS learner_id,
        r2.upn AS upn,
        r2.mis_id AS mis_id,
        r2.given_name AS given_name,
        r2.family_name AS family_name,
        r2.preferred_name AS preferred_name,
        r2.sort_key AS sort_key,
        r2.date_of_birth AS date_of_birth,
        r2.gender AS gender,
        r2.year_group AS year_group,
        r2.key_stage_2 AS key_stage_2,
        r2.first_language AS first_language,
        r2.admitted_on AS admitted_on,
        r2.left_on AS left_on,
        r2.version AS version,
        r2.of_restricted AS of_restricted,
        r2.of_self_family AS of_self_family,
        ROW_NUMBER() OVER (ORDER BY r2.sort_key ASC, r2.learner_id ASC) AS rn
      FROM LATERAL (
        SELECT
          t1.school_id AS school_id,
          t1.learner_id AS learner_id,
          t1.upn AS upn,
          t1.mis_id AS mis_id,
          t1.given_name AS given_name,
          t1.family_name AS family_name,
          t1.preferred_name AS preferred_name,
          t1.sort_key AS sort_key,
          t1.date_of_birth AS date_of_birth,
          t1.gender AS gender,
          t1.year_group AS year_group,
          t1.key_stage_2 AS key_stage_2,
          t1.first_language AS first_language,
          t1.admitted_on AS admitted_on,
          t1.left_on AS left_on,
          t1.version AS version,
          (
            t1.learner_id IN (
              SELECT
                learner_flag_1.learner_id
              FROM usher.learner_flag AS learner_flag_1
              WHERE
                learner_flag_1.school_id = CAST($2 AS UUID)
                AND learner_flag_1.kind = CAST($3 AS VARCHAR)
                AND learner_flag_1.valid_from <= CAST($4 AS DATE)
                AND (
                  learner_flag_1.valid_to IS NULL OR learner_flag_1.valid_to > CAST($4 AS DATE)
                )
            )
          ) IS TRUE AS of_restricted,
          (
            t1.learner_id IN (
              SELECT
                guardian_link_1.learner_id
              FROM usher.guardian_link AS guardian_link_1
              WHERE
                guardian_link_1.school_id = CAST($2 AS UUID)
                AND guardian_link_1.guardian_id = CAST($5 AS UUID)
                AND guardian_link_1.valid_from <= CAST($4 AS DATE)
                AND (
                  guardian_link_1.valid_to IS NULL OR guardian_link_1.valid_to > CAST($4 AS DATE)
                )
            )
          ) IS TRUE AS of_self_family
        FROM usher.learner AS t1
        WHERE
          t1.school_id = CAST($2 AS UUID)
        LIMIT ALL
        OFFSET 0
      ) AS r2
      ORDER BY
        r2.sort_key ASC,
        r2.learner_id ASC
      LIMIT CAST($6 AS INT) + CAST($7 AS INT)
    ) AS p3
    LEFT OUTER JOIN LATERAL (
      SELECT
        learner_contact_1.address AS address,
        learner_contact_1.email AS email,
        learner_contact_1.phone AS phone
      FROM usher.learner_contact AS learner_contact_1
      WHERE
        learner_contact_1.school_id = CAST($2 AS UUID)
        AND learner_contact_1.learner_id = p3.learner_id
    ) AS s4
      ON TRUE
    LEFT OUTER JOIN LATERAL (
      SELECT
        attendance_1.possible AS possible,
        attendance_1.attended AS attended
      FROM usher.attendance AS attendance_1
      WHERE
        attendance_1.school_id = CAST($2 AS UUID)
        AND attendance_1.academic_year = (
          SELECT
            school_1.academic_year
          FROM usher.school AS school_1
          WHERE
            school_1.school_id = CAST($2 AS UUID)
        )
        AND attendance_1.learner_id = p3.learner_id
    ) AS s5
      ON TRUE
    LEFT OUTER JOIN LATERAL (
      SELECT
        JSON_BUILD_OBJECT('name', p8.name) AS a
      FROM LATERAL (
        SELECT
          r7.school_id AS school_id,
          r7.tutor_group_id AS tutor_group_id,
          r7.academic_year AS academic_year,
          r7.name AS name,
          r7.year_group AS year_group
        FROM LATERAL (
          SELECT
            t6.school_id AS school_id,
            t6.tutor_group_id AS tutor_group_id,
            t6.academic_year AS academic_year,
            t6.name AS name,
            t6.year_group AS year_group
          FROM usher.tutor_group AS t6
          WHERE
            t6.school_id = CAST($2 AS UUID)
            AND (
              EXISTS(
                SELECT
                  *
                FROM usher.tutor_membership AS tutor_membership_1
                WHERE
                  tutor_membership_1.school_id = CAST($2 AS UUID)
                  AND tutor_membership_1.learner_id = p3.learner_id
                  AND tutor_membership_1.tutor_group_id = t6.tutor_group_id
                  AND tutor_membership_1.valid_from <= CAST($4 AS DATE)
                  AND (
                    tutor_membership_1.valid_to IS NULL
                    OR tutor_membership_1.valid_to > CAST($4 AS DATE)
                  )
              )
            )
        ) AS r7
        LIMIT 1
      ) AS p8
    ) AS c9
      ON TRUE
  ) AS c11
  HAVING
    TRUE
) AS c12
  ON TRUE
LEFT OUTER JOIN LATERAL (
  SELECT
    (
      '["' || STRING_AGG(DISTINCT anon_1.id, '","')
    ) || '"]' AS ids
  FROM UNNEST(STRING_TO_ARRAY(c12.g0, ',')) AS anon_1(id)
  WHERE
    anon_1.id <> ''
) AS seen0
  ON TRUE
