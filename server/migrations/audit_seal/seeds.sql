UPDATE usher.audit_operation SET details = details || jsonb_build_object('file', substr(kind, 8)), kind = 'import'
    WHERE kind LIKE 'import.%';
UPDATE usher.audit_operation SET salt = gen_random_uuid(), user_salt = gen_random_uuid();
ALTER TABLE usher.audit_operation ALTER COLUMN salt SET NOT NULL,
    ADD CONSTRAINT audit_operation_kind CHECK (kind IN ('read', 'write', 'export', 'import'));
