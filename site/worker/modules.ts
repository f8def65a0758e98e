/** Runs TypeScript modules in the browser: types are taken away, and each import leads to a blob. */
import { init, parse } from 'es-module-lexer'
import { transform } from 'sucrase'

/** The texts of the modules by their paths: `/app/src/lessons/models/models.ts`. */
export type Files = Record<string, string>

type Exports = Record<string, unknown>

/** The names in front of each module: what there is on Node without an import, and not in a browser. */
interface Globals {
  [name: string]: unknown
}

// Where the code of the blobs finds what is handed to it.
const shared: { packages: Record<string, Exports>; globals: Globals; begin: () => void } = {
  packages: {},
  globals: {},
  begin() {},
}
Object.assign(self, { learningDrizzle: shared })

/**
 * @param packages what may be imported by name.
 * @param globals what each module finds without an import.
 * @param begin is called when all modules are loaded and the first of them begins, and again by the others.
 */
export function moduleRunner(
  files: Files,
  packages: Record<string, Exports>,
  globals: Globals,
  begin: () => void,
) {
  Object.assign(shared, { packages, globals, begin })
  const urls = new Map<string, Promise<string>>()
  const paths = new Map<string, string>()
  const codes = new Map<string, string>()

  /** Each module is made once. */
  function urlOf(name: string, make: (name: string) => Promise<string>): Promise<string> {
    const known = urls.get(name)
    if (known) return known
    const made = make(name).then((code) => {
      const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
      paths.set(url, name)
      return url
    })
    urls.set(name, made)
    return made
  }

  async function packageCode(name: string): Promise<string> {
    const exports = packages[name]
    if (!exports) {
      throw new Error(
        `There is no "${name}" in the browser, only ${Object.keys(packages).join(', ')}.`,
      )
    }
    const names = Object.keys(exports).filter((key) => key !== 'default')
    return [
      `const all = self.learningDrizzle.packages[${JSON.stringify(name)}]`,
      `const { ${names.map((key) => `${key}: _${key}`).join(', ')} } = all`,
      `export { ${names.map((key) => `_${key} as ${key}`).join(', ')} }`,
      'export default all.default ?? all',
    ].join('\n')
  }

  async function moduleCode(path: string): Promise<string> {
    const source = files[path]
    if (source === undefined) throw new Error(`There is no module ${path.replace('/app/', '')}.`)
    const code = await withoutTypes(source, path)
    const meta = { url: `file://${path}`, filename: path, dirname: path.replace(/\/[^/]*$/, '') }
    codes.set(path, code)
    let result = `self.learningDrizzle.begin(); const { ${Object.keys(globals).join(', ')} } = self.learningDrizzle.globals; `
    let at = 0
    for (const { type, specifier, start, end } of parse(code)[0]) {
      const isMeta = type === 'import-meta'
      if (!isMeta && specifier === undefined) continue
      const target = isMeta ? `(${JSON.stringify(meta)})` : await urlFor(String(specifier), path)
      // A dynamic import has the quotes within its place, a static one around it.
      result += code.slice(at, start) + (type === 'dynamic' ? JSON.stringify(target) : target)
      at = end
    }
    return result + code.slice(at)
  }

  const urlFor = (specifier: string, from: string) =>
    specifier.startsWith('.')
      ? urlOf(new URL(specifier, `file://${from}`).pathname, moduleCode)
      : urlOf(specifier, packageCode)

  return {
    /**
     * Runs a module and those that it imports. Returns what it exports.
     *
     * @throws {Error} if the source has an error of syntax, or imports what is not there.
     */
    async run(path: string): Promise<Exports> {
      await init
      const url = await urlOf(path, moduleCode)
      try {
        return await import(/* @vite-ignore */ url)
      } catch (error) {
        throw error instanceof SyntaxError ? ((await misplaced(codes)) ?? error) : error
      }
    },
    /** A stack trace with the paths of the modules in place of the blobs. */
    withPaths: (stack: string) =>
      [...paths].reduce((text, [url, path]) => text.replaceAll(url, `file://${path}`), stack),
  }
}

/** Where a browser says only what is wrong, as of a name that is declared twice: the same with file and line. */
async function misplaced(codes: Map<string, string>): Promise<SyntaxError | undefined> {
  const { parse: parseAll } = await import('acorn')
  for (const [path, code] of codes) {
    try {
      parseAll(code, { ecmaVersion: 'latest', sourceType: 'module' })
    } catch (error) {
      // It ends with the place: "Identifier 'a' has already been declared (5:7)".
      if (error instanceof SyntaxError) {
        return new SyntaxError(`${path.replace('/app/', '')}: ${error.message}`)
      }
    }
  }
  return undefined
}

async function withoutTypes(source: string, path: string): Promise<string> {
  const { code } = transform(source, {
    transforms: ['typescript'],
    disableESTransforms: true,
    filePath: path,
  })
  if (knowsUsing()) return code
  const { lowerUsing } = await import('./lower-using.ts')
  return lowerUsing(code)
}

function knowsUsing(): boolean {
  try {
    new Function('return async () => { await using x = null }')
    return true
  } catch {
    return false
  }
}
