# Summary: serve the web edition of this course on this machine
# Usage: site
require_node 'The web edition'
install_packages runtime
install_in site
node --import tsx site/make.ts
exec node --import tsx site/serve.ts
