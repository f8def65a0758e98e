/** The first run in a fresh clone: alone or in several shells at once, with the network or without. */
import assert from 'node:assert/strict'
import { chmodSync, existsSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { connectionOutput, copyProject, noDocker, run, temporaryFolder } from './support.ts'

test('five shells at once, cold: all succeed, with one server', async () => {
  const cold = copyProject()
  try {
    const names = ['connection', 'connection', 'models', 'tables', 'select']
    const results = await Promise.all(names.map((name) => cold.manage([name], { env: noDocker })))
    for (const { code, output } of results) assert.equal(code, 0, output)
    assert.equal(results.filter(({ stderr }) => /^-- Started/m.test(stderr)).length, 1)
    const folders = readdirSync(join(cold.folder, '.made/embedded')).sort()
    assert.deepEqual(folders, ['pg18', 'pg18.log'])
    assert.match(
      (await cold.manage(['down'], { env: noDocker })).stderr,
      /Stopped the embedded server/,
    )
    assert.match((await cold.manage(['down'], { env: noDocker })).stderr, /Nothing was running/)
  } finally {
    cold.remove()
  }
})

test('down stops the server of a folder whose packages are gone, and installs none', async () => {
  const copy = copyProject()
  try {
    const packages = join(copy.folder, 'node_modules')
    assert.equal((await copy.manage(['connection'], { env: noDocker })).code, 0)
    rmSync(packages)
    const { code, stderr } = await copy.manage(['down'], { env: noDocker })
    assert.equal(code, 0)
    assert.equal(stderr, '-- Stopped the embedded server.\n')
    assert.ok(!existsSync(packages))
    assert.match((await copy.manage(['down'], { env: noDocker })).stderr, /Nothing was running/)
  } finally {
    copy.remove()
  }
})

test('packages are installed once, also by two shells, and the next run needs no network', async () => {
  const bare = copyProject({ packages: false })
  try {
    const results = await Promise.all(
      ['connection', 'select'].map((name) => bare.manage([name], { env: noDocker })),
    )
    for (const { code, output } of results) assert.equal(code, 0, output)
    assert.equal(
      results.filter(({ stderr }) => /^-- Installing the npm packages/m.test(stderr)).length,
      1,
    )
    assert.ok(
      !existsSync(join(bare.folder, 'node_modules/typescript')),
      'without the tools of contributors',
    )
    const offline = {
      ...noDocker,
      npm_config_registry: 'http://127.0.0.1:1',
      npm_config_cache: '/nowhere',
    }
    const next = await bare.manage(['connection'], { env: offline })
    assert.equal(next.stdout, connectionOutput, next.stderr)
    assert.doesNotMatch(next.stderr, /Installing/)
  } finally {
    bare.remove()
  }
})

test('no npm registry on the first run: said, and the next try succeeds', async () => {
  const bare = copyProject({ packages: false })
  try {
    const env = {
      ...noDocker,
      npm_config_registry: 'http://127.0.0.1:1',
      npm_config_fetch_retries: '0',
      npm_config_cache: join(bare.folder, 'cache'),
    }
    const { code, stdout, stderr } = await bare.manage(['connection'], { env })
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.match(stderr, /ECONNREFUSED/)
    assert.match(stderr, /npm could not install the packages; see its output above/)
    assert.ok(!existsSync(join(bare.folder, '.made/lock-setting-up')))
  } finally {
    bare.remove()
  }
})

test('a project folder that cannot be written is said', async (t) => {
  if (process.getuid?.() === 0) return t.skip('root may write everywhere')
  const copy = copyProject()
  chmodSync(copy.folder, 0o500)
  try {
    const { code, stderr } = await copy.manage(['connection'], { env: noDocker })
    assert.equal(code, 1)
    assert.match(stderr, /Cannot write to this folder/)
  } finally {
    chmodSync(copy.folder, 0o700)
    copy.remove()
  }
})

test('a shell that has given the lock back leaves it to whoever has it then', async () => {
  const folder = temporaryFolder()
  const shell = `source tools/messages.sh && source tools/lock.sh && cd "$1" && take_lock && release_lock && ln -s 1 .made/lock-setting-up`
  const { code, output } = await run(['bash', '-c', shell, 'test', folder])
  assert.equal(code, 0, output)
  assert.equal(readlinkSync(join(folder, '.made/lock-setting-up')), '1')
})
