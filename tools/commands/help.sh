# Summary: show this text, or the commands for contributors
# Usage: help [contributors]
line() { printf '  %-20s %s\n' "$1" "$2"; }

help_readers() {
  local file summary
  printf 'Usage: ./manage.sh LESSON [FLAG]\n       ./manage.sh COMMAND [FLAG]\n\nCommands\n'
  for file in tools/commands/*.sh; do
    summary=$(header Summary "$file")
    if [ -n "$summary" ]; then line "$(header Usage "$file")" "$summary"; fi
  done
  printf '\nFlags\n'
  line --docker 'use Docker or fail'
  line --embedded 'use the embedded server or fail'
  line --sql "print each of the lesson's statements on stderr"
  line --timeline 'draw at the end, on stderr, what each connection sent and which one it waited for'
  printf '\nLessons, in reading order\n'
  sed 's/^/  /' src/lessons/list.txt
}

help_contributors() {
  local file
  for file in tools/commands/*.sh; do header 'For contributors' "$file"; done | sed 's/^/  /'
}

case ${1:-} in
  '') help_readers ;;
  contributors) help_contributors ;;
  *) misused "There is no help for \"$1\". There is ./manage.sh help, and ./manage.sh help contributors." ;;
esac
