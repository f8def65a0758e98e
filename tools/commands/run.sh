# Summary: run a lesson on a fresh database of its own, as without "run"
# Usage: run LESSON
# Flags: --docker --embedded --sql --timeline
[ $# -gt 0 ] || misused 'Which lesson? ./manage.sh lists them.'
is_lesson "$1" || unknown_name "$1"
load_settings
choose_server
run_lesson "$1" ${echo_sql:+--sql} ${timeline:+--timeline}
