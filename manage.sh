#!/usr/bin/env bash
# Runs the lessons of this course on a real PostgreSQL: in Docker, on an embedded server, or on a server of your own.
# Stdout is the lesson's. What this script says goes to stderr, behind "--". Each command is a file in tools/commands/.
set -euo pipefail
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
unset CDPATH NODE_OPTIONS TSX_TSCONFIG_PATH "${!PG@}" # the caller's settings for other programs
export TSX_DISABLE_CACHE=1 # nothing is written outside this folder

# The folder of this script, through any symbolic links to it.
project_folder() {
  local script=${BASH_SOURCE[0]} folder
  while [ -L "$script" ]; do
    folder=$(cd -P "$(dirname "$script")" && pwd)
    script=$(readlink "$script")
    case $script in /*) ;; *) script=$folder/$script ;; esac
  done
  cd -P "$(dirname "$script")" && pwd
}

# What a command may need. These files only define functions.
load_tools() {
  local file
  for file in tools/*.sh; do
    source "$file"
  done
}

main() {
  local words=() flags=() word flag
  for word; do
    case $word in
      -h | --help) words+=(help) ;;
      -*) flags+=("$word") ;;
      *) words+=("$word") ;;
    esac
  done
  set -- ${words[@]+"${words[@]}"}
  # A flag alone is meant for a lesson.
  if is_lesson "${1:-}" || { [ $# -eq 0 ] && [ ${#flags[@]} -gt 0 ]; }; then set -- run "$@"; fi
  local command=${1:-help}
  local file=tools/commands/$command.sh
  case $command in *[!a-z-]*) unknown_name "$command" ;; esac
  [ -f "$file" ] || unknown_name "$command"
  check_words "$file" "$@"
  for flag in ${flags[@]+"${flags[@]}"}; do use_flag "$file" "$flag"; done
  if [ $# -gt 0 ]; then shift; fi
  source "$file" "$@"
}

# A command's usage, for example "psql [LESSON]", has as many words as the command takes.
check_words() { # FILE WORD ...
  local usage
  read -ra usage <<<"$(header Usage "$1")"
  shift
  [ $# -le ${#usage[@]} ] || misused "Unexpected argument: \"${*:${#usage[@]}+1:1}\"."
}

# Sets `demanded_server`, `echo_sql`, `timeline` or `variant`, if the command has this flag.
use_flag() { # FILE FLAG
  local known
  known=$(header Flags "$1")
  case " $known " in
    *" $2 "*) ;;
    *) misused "$2 is not a flag of ./manage.sh $(header Usage "$1").${known:+ Its flags: $known.}" ;;
  esac
  case $2 in
    --docker | --embedded)
      [ "${demanded_server:-$2}" = "$2" ] || misused 'Use --docker or --embedded, not both.'
      demanded_server=$2
      ;;
    --sql) echo_sql=1 ;;
    --timeline) timeline=1 ;;
    *) variant=$2 ;;
  esac
}

demanded_server='' echo_sql='' timeline='' variant=''
cd "$(project_folder)"
load_tools
main "$@"
