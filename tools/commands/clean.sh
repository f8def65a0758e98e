# Summary: remove everything that this script made, except .env
# Usage: clean
# Flags: --docker --embedded
(source tools/commands/down.sh)
if [ -e .env ] && read_env_file && [ -n "${DB_HOST:-}" ] && [ -z "$demanded_server" ]; then
  load_settings
  choose_server
  note "Dropping the lessons' databases on your own server ..."
  (run_lesson '' --clean)
fi
if docker_clean; then note 'Removed the containers, the volume and the images.'; fi
rm -rf .made {.,bench,site,test/*}/node_modules
note 'Removed .made and node_modules.'
