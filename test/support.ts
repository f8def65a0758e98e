/** What the tests share: copies of the project to do things to, and a way to run commands in them. */
import { execFileSync, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { after } from 'node:test'

/** The project's folder. */
export const root = join(import.meta.dirname, '..')

const notCopied = new Set(['node_modules', '.git', '.env', '.made'])

/** A path in which anything unquoted goes wrong. */
const oddFolder = "learning drizzle #1 é 'x'"

/** What the lesson `connection` prints. */
export const connectionOutput = 'SELECT 1: 1\n'

/** Settings for the server of a copy. */
export const settings = { DB_USER: 'postgres', DB_PASS: 'secret#1', DB_NAME: 'shop' }

/** A copy of the project to work in. */
export interface Project {
  folder: string
  /** Runs `./manage.sh` with these arguments. */
  manage: (args: string[], options?: RunOptions) => Promise<Result>
  /** Writes the script of a lesson, a new one or another one in place of it. */
  writeScript: (lesson: string, text: string) => void
  /** Stops its embedded server, and removes the copy. */
  remove: () => void
}

export interface RunOptions {
  /** Added to the environment; `undefined` takes a variable out of it. */
  env?: Record<string, string | undefined>
  cwd?: string
  input?: string
  /** What to do as soon as it has printed this; `kill` signals its whole group. */
  when?: { printed: string; act: (kill: (signal: NodeJS.Signals) => void) => void }
}

export interface Result {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  /** Both, as they arrived: what was written at about the same time may have changed places. */
  output: string
}

/**
 * Copies the project into a new folder with an odd path. The copy shares the installed packages, unless
 * told otherwise, and has its own `.env`, server and data.
 *
 * @param options.replaced packages that the copy has from another folder, by name; `undefined` leaves one out.
 */
export function copyProject({
  packages = true,
  replaced = {},
}: {
  packages?: boolean
  replaced?: Record<string, string | undefined>
} = {}): Project {
  const folder = join(mkdtempSync(join(tmpdir(), 'test-')), oddFolder)
  cpSync(root, folder, { recursive: true, filter: (path) => !notCopied.has(basename(path)) })
  if (packages) linkPackages(folder, replaced)
  const manage = (args: string[], options: RunOptions = {}) =>
    run(['./manage.sh', ...args], { cwd: folder, ...options })
  return {
    folder,
    manage,
    writeScript(lesson, text) {
      const room = join(folder, 'src/lessons', lesson)
      mkdirSync(room, { recursive: true })
      writeFileSync(join(room, `${lesson}.ts`), text)
    },
    remove() {
      stopEmbedded(folder)
      rmSync(join(folder, '..'), { recursive: true, force: true })
    },
  }
}

function linkPackages(folder: string, replaced: Record<string, string | undefined>): void {
  const from = join(root, 'node_modules')
  // Without its mark, the copy's manage.sh would have npm install them anew, through the link.
  if (!existsSync(join(from, '.installed'))) throw new Error('Run the tests by ./manage.sh test.')
  const to = join(folder, 'node_modules')
  if (Object.keys(replaced).length === 0) {
    symlinkSync(from, to)
    return
  }
  const parents = Object.keys(replaced).map((name) => name.split('/')[0])
  mkdirSync(to)
  for (const name of readdirSync(from)) {
    if (!parents.includes(name)) symlinkSync(join(from, name), join(to, name))
  }
  for (const [name, path] of Object.entries(replaced)) {
    if (path === undefined) continue
    mkdirSync(dirname(join(to, name)), { recursive: true })
    symlinkSync(path, join(to, name))
  }
}

/** Ends the embedded servers of a copy at once: what they hold is not needed any more. */
function stopEmbedded(folder: string): void {
  const data = join(folder, '.made/embedded')
  for (const name of existsSync(data) ? readdirSync(data) : []) {
    const file = join(data, name, 'postmaster.pid')
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0
    try {
      if (pid) process.kill(pid, 'SIGQUIT')
    } catch {
      // It is gone already.
    }
  }
}

/** Starts the embedded server of a copy, with these settings. Returns the port that it listens on. */
export async function startEmbedded(
  project: Project,
  env: Record<string, string>,
): Promise<string> {
  // Any free port: one that everybody asks for first would be taken by another copy during a restart.
  const options = { env: { ...noDocker, DB_PORT: '0', ...env } }
  const { output, code } = await project.manage(['up'], options)
  const [, port] = /127\.0\.0\.1:(\d+)/.exec(output) ?? []
  if (code !== 0 || !port) throw new Error(`The embedded server did not start:\n${output}`)
  return port
}

const demanded = process.env.TEST_SERVER

/** Whether the tests on Docker can run: if --docker demands them, they run and fail without it. */
export const hasDocker = demanded !== '--embedded' && hasProgram('docker', 'version')

/** Why the tests on Docker are skipped, if they are. */
export const noDockerTests =
  !hasDocker && demanded !== '--docker' && 'no Docker engine answers, or --embedded was given'

/** An environment in which no Docker engine answers. */
export const noDocker = { DOCKER_HOST: 'unix:///nowhere/docker.sock' }

// What the person who runs the tests has set must not change their outcome.
function cleanEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(DB_|PG|NODE_|COMPOSE_|EMBEDDED_|TEST_|UPDATE_|DOCKER_HOST)/
  const kept = Object.entries(process.env).filter(
    ([name]) => !foreign.test(name) || name === 'NODE_EXTRA_CA_CERTS',
  )
  return Object.fromEntries(kept)
}

/** Runs a command to its end, with stdin closed unless there is input. */
export function run(command: string[], options: RunOptions = {}): Promise<Result> {
  const [program = '', ...args] = command
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? root,
      env: { ...cleanEnvironment(), ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, as a terminal gives to each command: signals go to all of it.
      detached: true,
    })
    const result = { stdout: '', stderr: '', output: '' }
    let { when } = options
    const collect = (stream: 'stdout' | 'stderr') => (chunk: string) => {
      result[stream] += chunk
      result.output += chunk
      if (when && result.output.includes(when.printed)) {
        const { act } = when
        when = undefined
        act((signal) => child.pid !== undefined && process.kill(-child.pid, signal))
      }
    }
    const limit = setTimeout(() => {
      result.output += 'It did not end within ten minutes.'
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }, 600_000)
    child.stdout.setEncoding('utf8').on('data', collect('stdout'))
    child.stderr.setEncoding('utf8').on('data', collect('stderr'))
    child.stdin.end(options.input)
    child.on('error', reject)
    // `close` comes when the last holder of the pipes has let go of them, not only this process.
    child.on('close', (code, signal) => {
      clearTimeout(limit)
      resolve({ ...result, code, signal })
    })
  })
}

/** A new folder, which goes when the tests of the file have ended. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'test-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A PATH on which everything is found but these programs. */
export function pathWithout(...programs: string[]): string {
  const folder = temporaryFolder()
  const seen = new Set(programs)
  for (const part of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of listFolder(part)) {
      if (seen.has(name)) continue
      seen.add(name)
      symlinkSync(join(part, name), join(folder, name))
    }
  }
  return folder
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Whether a program can be started here. */
export function hasProgram(...command: string[]): boolean {
  try {
    const [program = '', ...args] = command
    execFileSync(program, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
