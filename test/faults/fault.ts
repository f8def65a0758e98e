/** What the tests of faults share: a project to break, and the table in docs/faults.md that they hold true. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import postgres, { type Sql } from 'postgres'
import { read, withPlaceholders } from '../docs.ts'
import {
  connectionOutput,
  copyProject,
  noDocker,
  type Project,
  type Result,
  type RunOptions,
  root,
  settings,
  startEmbedded,
} from '../support.ts'

/** A copy of the project with an embedded server, for all the tests of a file. */
export interface ProjectWithServer extends Subject {
  /** The server's process. */
  serverPid: () => number
  /** The server in the part of a reader's own, for a run. */
  address: () => { DB_HOST: string; DB_PORT: string }
  /** Writes a lesson of these lines, below those that open the database. */
  write: (...lines: string[]) => void
  /** Asks the server on a connection of its own. */
  ask: <T>(work: (sql: Sql) => Promise<T>, database?: string) => Promise<T>
  /** Returns as soon as a connection to that lesson's database does something of this kind. */
  until: (condition: string) => Promise<void>
}

/** What a test of a fault needs to know afterwards. */
export interface Subject {
  project: Project
  /** Runs the lesson of the test, or with these arguments something else. */
  run: (options?: RunOptions, ...args: string[]) => Promise<Result>
  /** What is left of a run: connections, containers. */
  leftovers: () => Promise<string[]>
}

/** Sets up a copy with a server before the tests of a file, and removes it afterwards. */
export function projectWithServer(): ProjectWithServer {
  let project: Project
  before(async () => {
    project = copyProject()
    await startEmbedded(project, settings)
  })
  after(() => project.remove())
  const server = () =>
    readFileSync(join(project.folder, '.made/embedded/pg18/postmaster.pid'), 'utf8').split('\n')
  const address = () => ({ DB_HOST: '127.0.0.1', DB_PORT: server()[3] ?? '' })
  const ask = async <T>(work: (sql: Sql) => Promise<T>, database = settings.DB_NAME) => {
    const sql = postgres({
      host: '127.0.0.1',
      port: Number(address().DB_PORT),
      username: settings.DB_USER,
      password: settings.DB_PASS,
      database,
      max: 1,
      onnotice: () => {},
    })
    try {
      return await work(sql)
    } finally {
      await sql.end()
    }
  }
  return {
    get project() {
      return project
    },
    serverPid: () => Number(server()[0]),
    address,
    ask,
    write: (...lines) => writeScratch(project, lines),
    leftovers: () =>
      ask(async (sql) => {
        const rows = await sql<{ query: string }[]>`
          select query from pg_stat_activity
          where pid <> pg_backend_pid() and application_name = 'learning-drizzle'`
        return rows.map(({ query }) => query)
      }),
    run(options = {}, ...args) {
      const env = { ...noDocker, ...settings, ...options.env }
      return project.manage(args.length > 0 ? args : ['scratch'], { ...options, env })
    },
    until: (condition) =>
      ask(async (sql) => {
        const query = `select 1 from pg_stat_activity where datname = 'shop_scratch' and ${condition}`
        const deadline = Date.now() + 20_000
        while ((await sql.unsafe(query)).length === 0) {
          assert.ok(Date.now() < deadline, `never: ${condition}`)
        }
      }),
  }
}

/** Writes the lesson `scratch` of these lines, below those that open the database. */
export function writeScratch(project: Project, lines: string[]): void {
  const opening = [
    "import { sql } from 'drizzle-orm'",
    "import { openDatabase } from '../../db/pool.ts'",
    'await using db = openDatabase()',
  ]
  const script = [...opening, ...lines, ''].join('\n')
  project.writeScript('scratch', script)
}

/**
 * Signals three runs: at the start, in the middle, and at the end, when the last query is waited for before
 * the pool is closed. All of them end in the same way.
 */
export async function signalAtEachMoment(
  on: Subject,
  signal: NodeJS.Signals,
): Promise<[Result, ...Result[]]> {
  writeScratch(on.project, [
    "console.log('running')",
    'void db.execute(sql`select pg_sleep(0.5)`).then()',
    "await db.execute(sql`select 'on another connection, while the first one sleeps'`)",
    "console.log('done')",
  ])
  const signalledAt = (printed: string) =>
    on.run({ when: { printed, act: (kill) => kill(signal) } })
  const first = await signalledAt('-- PostgreSQL')
  const others = [await signalledAt('running'), await signalledAt('done')]
  for (const { code, signal } of others) {
    assert.deepEqual({ code, signal }, { code: first.code, signal: first.signal })
  }
  return [first, ...others]
}

const page = 'docs/faults.md'
const observed: string[] = []

after(() => {
  if (process.env.UPDATE_TRANSCRIPTS !== '1') return
  const lines = read(page).split('\n')
  for (const row of observed) {
    const same = lines.findIndex((line) => line.startsWith(`${row.split(' | ')[0]} | `))
    const end = lines.findLastIndex((line) => line.startsWith('| ')) + 1
    lines.splice(same >= 0 ? same : end, same >= 0 ? 1 : 0, row)
  }
  writeFileSync(join(root, page), lines.join('\n'))
})

/**
 * A test, and a row of the table: something goes wrong, and the reader sees what the row says. Afterwards no
 * file and no connection is left, and the next run succeeds.
 */
export function fault(
  on: Subject,
  what: string,
  work: () => Promise<Result>,
  { skip = false }: { skip?: string | false } = {},
): void {
  test(what, { skip }, async () => {
    const files = readdirSync(on.project.folder)
    const result = await work()
    const row = `| ${what} | ${seen(result)} | ${exitCode(result)} |`
    if (process.env.UPDATE_TRANSCRIPTS === '1') observed.push(row)
    else
      assert.ok(
        read(page).split('\n').includes(row),
        `${page} has no row\n${row}\n${result.output}`,
      )
    const next = await on.run({}, 'connection')
    assert.equal(next.stdout, connectionOutput, next.output)
    const made = readdirSync(on.project.folder).filter((name) => !files.includes(name))
    // The first run that succeeds makes these.
    assert.deepEqual(
      made.filter((name) => !['.env', '.made', 'node_modules'].includes(name)),
      [],
    )
    const locks = join(on.project.folder, '.made')
    const isLock = (name: string) => name.startsWith('lock-')
    assert.deepEqual(existsSync(locks) ? readdirSync(locks).filter(isLock) : [], [])
    const deadline = Date.now() + 20_000
    for (let left = await on.leftovers(); left.length > 0; left = await on.leftovers()) {
      assert.ok(Date.now() < deadline, `left of the run: ${left.join('; ')}`)
    }
  })
}

/** The first line of what went wrong, or the last line of a run that went well. */
function seen({ code, stdout, stderr }: Result): string {
  const lines = (text: string) => text.split('\n').filter((line) => line && !line.startsWith('-- '))
  const line = (code === 0 ? lines(stdout).at(-1) : lines(stderr)[0])
    ?.replace(/"pg_tblspc.*?"/, '"[file]"')
    .replace(/\[\d+\] PANIC/, '[pid] PANIC')
  return line === undefined ? 'nothing' : `\`${withPlaceholders(line).replaceAll('|', '\\|')}\``
}

function exitCode({ code, signal }: Result): number | string {
  return code ?? 128 + (signal ? constants.signals[signal] : 0)
}
