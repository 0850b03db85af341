-- q1-one-learner as teacher, STAFF, under the rule book a school starts with
SELECT
  JSON_BUILD_OBJECT('learner', c10.a) AS answer
FROM (
  SELECT
    1 AS one
) AS roots
LEFT OUTER JOIN LATERAL (
  SELECT
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
      CASE WHEN p3.of_taught THEN p3.gender ELSE NULL END,
      'dateOfBirth',
      NULL,
      'upn',
      NULL,
      'yearGroup',
      JSON_BUILD_OBJECT(
        'name',
        CASE
          WHEN (
            (
              p3.of_taught OR p3.of_taught_next
            )
            AND NOT p3.of_restricted
            AND NOT p3.of_self_family
          )
          THEN p3.year_group
          ELSE NULL
        END
      ),
      'sen',
      JSON_BUILD_OBJECT('provision', NULL),
      'contact',
      JSON_BUILD_OBJECT('email', NULL),
      'tutorGroup',
      c8.a,
      'attendance',
      JSON_BUILD_OBJECT(
        'percentage',
        CASE
          WHEN (
            p3.of_taught AND NOT p3.of_restricted AND NOT p3.of_self_family
          )
          THEN CAST(TRIM_SCALE(
            CAST(ROUND(
              (
                s9.attended * 100
              ) / CAST(CAST(NULLIF(s9.possible, 0) AS DECIMAL) AS DECIMAL),
              1
            ) AS DECIMAL)
          ) AS TEXT)
          ELSE NULL
        END
      )
    ) AS a
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
      r2.of_taught AS of_taught,
      r2.of_taught_next AS of_taught_next
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
          EXISTS(
            SELECT
              learner_flag_1.learner_id
            FROM usher.learner_flag AS learner_flag_1
            WHERE
              learner_flag_1.school_id = CAST($1 AS UUID)
              AND learner_flag_1.kind = CAST($2 AS VARCHAR)
              AND learner_flag_1.valid_from <= CAST($3 AS DATE)
              AND (
                learner_flag_1.valid_to IS NULL OR learner_flag_1.valid_to > CAST($3 AS DATE)
              )
              AND learner_flag_1.learner_id = t1.learner_id
          )
        ) IS TRUE AS of_restricted,
        (
          EXISTS(
            SELECT
              guardian_link_1.learner_id
            FROM usher.guardian_link AS guardian_link_1
            WHERE
              guardian_link_1.school_id = CAST($1 AS UUID)
              AND guardian_link_1.guardian_id = CAST($4 AS UUID)
              AND guardian_link_1.valid_from <= CAST($3 AS DATE)
              AND (
                guardian_link_1.valid_to IS NULL OR guardian_link_1.valid_to > CAST($3 AS DATE)
              )
              AND guardian_link_1.learner_id = t1.learner_id
          )
        ) IS TRUE AS of_self_family,
        (
          EXISTS(
            SELECT
              enrolment_1.learner_id
            FROM usher.enrolment AS enrolment_1
            JOIN usher.teaching_assignment AS teaching_assignment_1
              ON teaching_assignment_1.school_id = CAST($1 AS UUID)
              AND teaching_assignment_1.class_id = enrolment_1.class_id
            WHERE
              enrolment_1.school_id = CAST($1 AS UUID)
              AND teaching_assignment_1.staff_id = CAST($4 AS UUID)
              AND teaching_assignment_1.valid_from <= CAST($3 AS DATE)
              AND (
                teaching_assignment_1.valid_to IS NULL
                OR teaching_assignment_1.valid_to > CAST($3 AS DATE)
              )
              AND enrolment_1.valid_from <= CAST($3 AS DATE)
              AND (
                enrolment_1.valid_to IS NULL OR enrolment_1.valid_to > CAST($3 AS DATE)
              )
              AND enrolment_1.learner_id = t1.learner_id
          )
        ) IS TRUE AS of_taught,
        (
          EXISTS(
            SELECT
              enrolment_2.learner_id
            FROM usher.enrolment AS enrolment_2
            JOIN usher.teaching_assignment AS teaching_assignment_2
              ON teaching_assignment_2.school_id = CAST($1 AS UUID)
              AND teaching_assignment_2.class_id = enrolment_2.class_id
            WHERE
              enrolment_2.school_id = CAST($1 AS UUID)
              AND teaching_assignment_2.staff_id = CAST($4 AS UUID)
              AND GREATEST(teaching_assignment_2.valid_from, enrolment_2.valid_from) > CAST($3 AS DATE)
              AND (
                LEAST(teaching_assignment_2.valid_to, enrolment_2.valid_to) IS NULL
                OR GREATEST(teaching_assignment_2.valid_from, enrolment_2.valid_from) < LEAST(teaching_assignment_2.valid_to, enrolment_2.valid_to)
              )
              AND enrolment_2.learner_id = t1.learner_id
          )
        ) IS TRUE AS of_taught_next
      FROM usher.learner AS t1
      WHERE
        t1.school_id = CAST($1 AS UUID) AND t1.learner_id = CAST($5 AS UUID)
      LIMIT ALL
      OFFSET 0
    ) AS r2
    LIMIT 1
  ) AS p3
  LEFT OUTER JOIN LATERAL (
    SELECT
      learner_contact_1.address AS address,
      learner_contact_1.email AS email,
      learner_contact_1.phone AS phone
    FROM usher.learner_contact AS learner_contact_1
    WHERE
      learner_contact_1.school_id = CAST($1 AS UUID)
      AND learner_contact_1.learner_id = p3.learner_id
  ) AS s4
    ON TRUE
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
      AND attendance_1.learner_id = p3.learner_id
  ) AS s9
    ON TRUE
  LEFT OUTER JOIN LATERAL (
    SELECT
      JSON_BUILD_OBJECT('name', p7.name) AS a
    FROM LATERAL (
      SELECT
        r6.school_id AS school_id,
        r6.tutor_group_id AS tutor_group_id,
        r6.academic_year AS academic_year,
        r6.name AS name,
        r6.year_group AS year_group
      FROM LATERAL (
        SELECT
          t5.school_id AS school_id,
          t5.tutor_group_id AS tutor_group_id,
          t5.academic_year AS academic_year,
          t5.name AS name,
          t5.year_group AS year_group
        FROM usher.tutor_group AS t5
        WHERE
          t5.school_id = CAST($1 AS UUID)
          AND (
            EXISTS(
              SELECT
                *
              FROM usher.tutor_membership AS tutor_membership_1
              WHERE
                tutor_membership_1.school_id = CAST($1 AS UUID)
                AND tutor_membership_1.learner_id = p3.learner_id
                AND tutor_membership_1.tutor_group_id = t5.tutor_group_id
                AND tutor_membership_1.valid_from <= CAST($3 AS DATE)
                AND (
                  tutor_membership_1.valid_to IS NULL
                  OR tutor_membership_1.valid_to > CAST($3 AS DATE)
                )
            )
          )
      ) AS r6
      LIMIT 1
    ) AS p7
  ) AS c8
    ON TRUE
) AS c10
  ON TRUE
