INSERT INTO usher.sign_off (sign_off_id, specification_id, entered_by, checked_by, recorded_at)
SELECT gen_random_uuid(), said.specification_id, said.entered_by, said.checked_by, said.imported_at
FROM (
    SELECT s.specification_id, s.imported_at, nullif(s.content::jsonb -> 'provenance' ->> 'entered_by', '') AS entered_by,
        nullif(s.content::jsonb -> 'provenance' ->> 'checked_by', '') AS checked_by
    FROM usher.specification AS s
) AS said
WHERE num_nonnulls(said.entered_by, said.checked_by) > 0;
INSERT INTO usher.sign_off (sign_off_id, boundary_set_id, entered_by, checked_by, recorded_at)
SELECT gen_random_uuid(), said.boundary_set_id, said.entered_by, said.checked_by, said.imported_at
FROM (
    SELECT b.boundary_set_id, b.imported_at, nullif(b.content::jsonb ->> 'entered_by', '') AS entered_by,
        nullif(b.content::jsonb ->> 'checked_by', '') AS checked_by
    FROM usher.boundary_set AS b
) AS said
WHERE num_nonnulls(said.entered_by, said.checked_by) > 0;
