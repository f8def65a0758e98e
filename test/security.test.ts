/** Nobody gets in: not over the network, and not by a package. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import postgres from 'postgres'
import { read } from './docs.ts'
import { copyProject, type Project, startEmbedded } from './support.ts'

const settings = { DB_USER: 'postgres', DB_PASS: 'secret#1', DB_NAME: 'shop' }
let project: Project
let port: number

before(async () => {
  project = copyProject()
  port = Number(await startEmbedded(project, settings))
})
after(() => project.remove())

const connect = (database: string, password = settings.DB_PASS, host = '127.0.0.1') =>
  postgres({ host, port, username: 'postgres', password, database, max: 1, connect_timeout: 2 })

describe('the embedded server', () => {
  test('listens on loopback alone', async () => {
    const sql = connect('shop')
    const [row] = await sql`show listen_addresses`
    const sockets = await sql`show unix_socket_directories`
    await sql.end()
    assert.equal(row?.listen_addresses, '127.0.0.1')
    assert.equal(sockets[0]?.unix_socket_directories, '')
  })

  test('asks for a password, and knows only one', async () => {
    for (const password of ['', 'wrong', 'postgres', 'change-me']) {
      const sql = connect('shop', password)
      await assert.rejects(sql`select 1`, { code: /^28P01$|^SASL/ }, `with "${password}"`)
      await sql.end()
    }
  })

  test('has no other way in, in the rules of the cluster', () => {
    const rules = readFileSync(join(project.folder, 'embedded/data/pg18/pg_hba.conf'), 'utf8')
    const lines = rules.split('\n').filter((line) => line && !line.startsWith('#'))
    assert.deepEqual(lines, ['host all all 127.0.0.1/32 scram-sha-256'])
  })

  test('its files are for its owner alone', () => {
    for (const name of ['embedded/data', 'embedded/data/pg18', '.env']) {
      const mode = statSync(join(project.folder, name)).mode & 0o077
      assert.equal(mode, 0, name)
    }
  })
})

describe('packages', () => {
  const folders = ['', 'bench/', 'site/', 'test/next/', 'test/versions/']

  test('are pinned to one version each', () => {
    for (const folder of folders) {
      const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
        read(`${folder}package.json`),
      )
      const all = { ...dependencies, ...devDependencies, ...optionalDependencies }
      for (const [name, version] of Object.entries<string>(all)) {
        assert.match(version, /^(npm:.*@)?\d+\.\d+\.\d+(-[\w.]+)?$/, name)
      }
    }
  })

  test('are known by their checksums, and come from the npm registry', () => {
    for (const folder of folders) {
      const { packages } = JSON.parse(read(`${folder}package-lock.json`))
      for (const [name, entry] of Object.entries<Record<string, string>>(packages)) {
        if (name === '') continue
        assert.match(entry.integrity ?? '', /^sha512-/, name)
        if (entry.resolved) assert.match(entry.resolved, /^https:\/\/registry\.npmjs\.org\//, name)
      }
    }
  })

  test('run no script when they are installed', () => {
    const scripts = [
      'manage.sh',
      'docker/Dockerfile',
      ...readdirSync('.github/workflows').map((name) => `.github/workflows/${name}`),
    ]
    for (const name of scripts) {
      for (const line of read(name).split('\n')) {
        if (/\bnpm (ci|i|install)\b/.test(line))
          assert.match(line, /--ignore-scripts/, `${name}: ${line}`)
      }
    }
  })
})
