/**
 * Loads Drizzle and the driver before tsx is there, so that a lesson finds them loaded:
 *
 *   node --import ./src/runner/faster-imports.mjs --import tsx src/run.ts NAME
 *
 * Everything works without it, and each start takes a quarter to a half longer, because drizzle-orm 0.45 is
 * more than a hundred small modules. On Node 20 each of them would go through tsx. On Node 22 and later they
 * lie below a package.json of 179 KB that Node reads and parses for each of them; but an import such as
 * './sql.js' from inside the package needs no look into package.json: it means just that file.
 */
import * as nodeModule from 'node:module'

const insideDrizzle = /\/node_modules\/drizzle-orm\//

// Node 20 has no such hooks, and no such delay.
nodeModule.registerHooks?.({
  resolve(specifier, context, nextResolve) {
    const { parentURL } = context
    const isRelativeFile = specifier.startsWith('.') && specifier.endsWith('.js')
    if (!parentURL || !isRelativeFile || !insideDrizzle.test(parentURL)) {
      return nextResolve(specifier, context)
    }
    return { url: new URL(specifier, parentURL).href, format: 'module', shortCircuit: true }
  },
})

await import('drizzle-orm/postgres-js')
await import('drizzle-orm')
await import('postgres')
await import('dotenv')
