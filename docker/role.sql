-- Creates the role DB_USER on the servers that a lesson starts for itself. initdb refuses a name with a quote or a
-- backslash, so it creates `postgres`, and this script adds the other role.
\getenv user DB_USER
\getenv pass DB_PASS
select format('create role %I superuser login password %L', :'user', :'pass')
where not exists (select from pg_roles where rolname = :'user') \gexec
