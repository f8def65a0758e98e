# Summary: run the tests
# Usage: test
# Flags: --docker --embedded --update --faults --next --versions --site
# For contributors: test --update    run the lessons and faults, and update the pages from their output
# For contributors: test --faults    kill, cut, fill and inject; check what is left behind
# For contributors: test --next      run the lessons on the candidate of Drizzle 1.0
# For contributors: test --versions  run the tests on other versions of Node and PostgreSQL
# For contributors: test --site      run the lessons in a browser, and read the web edition as a reader does
node_lacks=$(node_lacks)
if [ -n "$node_lacks" ]; then
  docker_lacks=$(docker_lacks)
  [ -z "$docker_lacks" ] || fail "The tests need Node 20 or later, or Docker: $node_lacks, and $docker_lacks."
  [ -z "$variant" ] || fail "./manage.sh test $variant needs Node 20 or later: $node_lacks."
  note "$node_lacks, so the tests run in a container ..."
  DB_PASS=- docker_build_quietly test
  DB_PASS=- compose --progress quiet run --rm --no-TTY test </dev/null
  exit
fi
install_packages all
files_at_once=3
case $variant in
  --update)
    set -- test/lists.test.ts test/transcripts.test.ts test/faults/*.test.ts
    export UPDATE_TRANSCRIPTS=1
    files_at_once=1
    ;;
  --faults) set -- test/faults/*.test.ts && files_at_once=2 ;;
  --next | --versions)
    set -- "test/${variant#--}/${variant#--}.test.ts"
    install_in "test/${variant#--}"
    ;;
  --site)
    install_in site
    node --import tsx site/make.ts
    set -- site/test/*.test.ts
    files_at_once=1
    ;;
  *) set -- test/*.test.ts ;;
esac
TEST_SERVER=$demanded_server exec node --import tsx --test --test-concurrency=$files_at_once --test-reporter=spec "$@"
