# Summary: show this text
# Usage: help [contributors]
line() { printf '  %-15s %s\n' "$1" "$2"; }

help_readers() {
  local file
  printf 'Usage: ./manage.sh COMMAND [FLAG]\n\nCommands\n'
  for file in tools/commands/{run,up,down,psql,test,site,doctor,clean,help}.sh; do
    line "$(header Usage "$file")" "$(header Summary "$file")"
  done
  printf '\nFlags\n'
  line --docker 'only Docker, or fail'
  line --embedded 'only the embedded server, or fail'
  line --sql "print each of the lesson's statements on stderr"
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
  *) misused "There is no help for \"$1\", but ./manage.sh help contributors." ;;
esac
