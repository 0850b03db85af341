INSERT INTO usher.app_activation (school_id, activation_id, app, assessment, declaration, decided_at)
SELECT DISTINCT ON (i.school_id, i.capacity) i.school_id, gen_random_uuid(), i.capacity, 'Not recorded here',
    'In use before decisions were recorded here.', s.created_at
FROM usher.login_identity AS i JOIN usher.school AS s ON s.school_id = i.school_id
WHERE i.capacity IN ('PARENT', 'LEARNER')
ORDER BY i.school_id, i.capacity;
