-- The role of DB_USER, for the servers that a lesson has of its own. initdb would refuse a name with a quote or a
-- backslash in it, so it makes `postgres`, and this script the other one.
\getenv user DB_USER
\getenv pass DB_PASS
select format('create role %I superuser login password %L', :'user', :'pass')
where not exists (select from pg_roles where rolname = :'user') \gexec
