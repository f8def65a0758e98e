# Usage: bench
# Flags: --update
# For contributors: bench            measure start-up, queries and how they scale
# For contributors: bench --update   the same, and write docs/benchmark.md
require_node 'The benchmark'
load_settings
install_packages all
install_in bench
set -- bench/bench.ts ${variant:+"$variant"}
# Servers in Docker cannot be reached from here.
if [ -n "${DB_HOST:-}" ]; then exec_node "$@"; fi
exec_node embedded/cli.ts run "$@"
