-- Two roles for the record: the owner of the tables, who migrates, and the server's own, which can neither change nor
-- delete what is in the logs. A superuser executes this in the process's database, with any client: once before the
-- first `unbracket migrate`, and again after every one. To execute it twice changes nothing.
--
--   createdb --encoding UTF8 unbracket
--   psql --dbname unbracket --file roles.sql
--   psql --dbname unbracket --command '\password unbracket_owner' --command '\password unbracket'
--   UNBRACKET_DATABASE_URL=postgresql://unbracket_owner:...@host/unbracket unbracket migrate
--   psql --dbname unbracket --file roles.sql
--   UNBRACKET_DATABASE_URL=postgresql://unbracket:...@host/unbracket unbracket serve

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'unbracket_owner') THEN
        CREATE ROLE unbracket_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'unbracket') THEN
        CREATE ROLE unbracket LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO unbracket_owner, unbracket', current_database());
    EXECUTE format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END
$$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO unbracket_owner;
GRANT USAGE ON SCHEMA public TO unbracket;

-- What is there already belongs to the owner from now on, whoever made it.
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('ALTER TABLE public.%I OWNER TO unbracket_owner', name);
    END LOOP;
    IF to_regprocedure('public.append_only()') IS NOT NULL THEN
        ALTER FUNCTION public.append_only() OWNER TO unbracket_owner;
    END IF;
END
$$;

-- The logs, the versions, the keys they are signed with, the audit and the eligibility ledger: put there once. All else: as the server works.
DO $$
DECLARE
    name text;
    rights text;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        rights := CASE
            WHEN name = 'alembic_version' THEN 'SELECT'
            WHEN name IN ('entries', 'versions', 'version_exports', 'volume_exports', 'keys', 'leases', 'audit_events', 'eligibility_events',
                          'timetable_changes', 'timetable_files', 'phase_extensions', 'rule_warnings',
                          'cuts', 'cut_versions', 'key_rotations', 'public_versions', 'forum_texts',
                          'sg_sections', 'sg_revisions', 'sg_put_out', 'published_volumes', 'document_numbers_given')
                THEN 'SELECT, INSERT'
            WHEN name IN ('documents', 'opinions', 'snapshots') THEN 'SELECT, INSERT, UPDATE'
            ELSE 'SELECT, INSERT, UPDATE, DELETE'
        END;
        EXECUTE format('REVOKE ALL ON public.%I FROM unbracket, PUBLIC', name);
        EXECUTE format('GRANT %s ON public.%I TO unbracket', rights, name);
    END LOOP;
END
$$;

-- What the audit's rows are numbered by.
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO unbracket;
