/**
 * Makes `import 'drizzle-orm'` quick on Node 22 and later. Import this module before Drizzle is loaded.
 *
 * drizzle-orm 0.45 is some hundred small modules below one package.json of 179 KB, and Node reads and
 * parses that file again for each of them: 0.6 to 0.8 seconds in all. But an import such as './sql.js'
 * from inside the package needs no look into package.json: it means just that file.
 */
import * as nodeModule from 'node:module'

const insideDrizzle = /\/node_modules\/drizzle-orm\//

// Node 20 has no such hooks, and no such delay.
if ('registerHooks' in nodeModule) {
  nodeModule.registerHooks({
    resolve(specifier, context, nextResolve) {
      const { parentURL } = context
      const isRelativeFile = specifier.startsWith('.') && specifier.endsWith('.js')
      if (!parentURL || !isRelativeFile || !insideDrizzle.test(parentURL)) {
        return nextResolve(specifier, context)
      }
      return { url: new URL(specifier, parentURL).href, format: 'module', shortCircuit: true }
    },
  })
}
