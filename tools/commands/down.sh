# Summary: stop the server
# Usage: down
# Flags: --docker --embedded
was_running=
if embedded_down; then was_running=1 && note 'Stopped the embedded server.'; fi
if docker_down; then was_running=1 && note 'Stopped the server in Docker.'; fi
[ -n "$was_running" ] || note 'Nothing was running.'
