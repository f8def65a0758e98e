/** Nobody gets in: not over the network, not between a lesson and its server, and not by a package. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chownSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import postgres from 'postgres'
import { read } from './docs.ts'
import {
  connectionOutput,
  copyProject,
  hasProgram,
  noDocker,
  type Project,
  settings,
  startEmbedded,
} from './support.ts'

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
    const rules = readFileSync(join(project.folder, '.made/embedded/pg18/pg_hba.conf'), 'utf8')
    const lines = rules.split('\n').filter((line) => line && !line.startsWith('#'))
    assert.deepEqual(lines, ['host all all 127.0.0.1/32 scram-sha-256'])
  })

  test('its files are for its owner alone', () => {
    for (const name of ['.made/embedded', '.made/embedded/pg18', '.env']) {
      const mode = statSync(join(project.folder, name)).mode & 0o077
      assert.equal(mode, 0, name)
    }
  })
})

describe('a server of your own', () => {
  // An address of this machine that pool.ts does not know as one.
  const elsewhere = '0.0.0.0'
  const connection = (env: Record<string, string>, ...flags: string[]) =>
    project.manage(['connection', ...flags], {
      env: { ...noDocker, ...settings, DB_HOST: elsewhere, DB_PORT: String(port), ...env },
    })
  const isRefused = async (env: Record<string, string>, code: string, help: RegExp) => {
    const { stdout, stderr, ...result } = await connection(env)
    assert.deepEqual([stdout, result.code], ['', 1], stderr)
    assert.ok(stderr.includes(`[${code}]\n`), stderr)
    assert.match(stderr, help)
  }
  const isAccepted = async (env: Record<string, string>) => {
    const { stdout, stderr } = await connection(env)
    assert.equal(stdout, connectionOutput, stderr)
  }

  test('without encryption is refused, unless it is near or the reader says so', async () => {
    await isRefused({}, 'ECONNRESET', /help: .*DB_SSLMODE="disable"/)
    await isRefused({ DB_SSLMODE: 'require' }, 'ECONNRESET', /help: .*DB_SSLMODE="disable"/)
    await isAccepted({ DB_SSLMODE: 'disable' })
    await isAccepted({ DB_SSLMODE: 'prefer' })
    for (const DB_HOST of ['127.0.0.1', 'localhost']) await isAccepted({ DB_HOST })
  })

  test('a mode that there is not is refused with the modes that there are', async () => {
    const { stderr, code } = await connection({ DB_SSLMODE: 'on' })
    assert.equal(code, 1)
    assert.match(stderr, /DB_SSLMODE is "on"\. Write verify-full, require, prefer or disable\./)
  })

  const skip = !hasProgram('openssl', 'version') && 'openssl is not installed'
  test('proves by its certificate that it is the one that was named', { skip }, async () => {
    const NODE_EXTRA_CA_CERTS = await encrypt()
    const untrusted = 'DEPTH_ZERO_SELF_SIGNED_CERT'
    const otherName = 'ERR_TLS_CERT_ALTNAME_INVALID'
    await isRefused({}, untrusted, /help: .*NODE_EXTRA_CA_CERTS/)
    await isAccepted({ NODE_EXTRA_CA_CERTS })
    await isAccepted({ DB_SSLMODE: 'require' })
    const verified = { NODE_EXTRA_CA_CERTS, DB_SSLMODE: 'verify-full' }
    await isAccepted(verified)
    await isRefused({ ...verified, DB_HOST: '127.0.0.1' }, otherName, /help: .*DB_HOST/)
    await isRefused({ ...verified, DB_HOST: 'localhost' }, otherName, /help: .*DB_HOST/)
    await isAccepted({ DB_HOST: '127.0.0.1' })
    const { stderr } = await connection(verified, '--timeline')
    assert.match(stderr, /\n\nbegin\nselect 1 as one → 1\n> SELECT 1: 1\ncommit\n$/)
  })

  /** Gives the server a certificate for `elsewhere`, signed by itself. Returns its file. */
  async function encrypt(): Promise<string> {
    const cluster = join(project.folder, '.made/embedded/pg18')
    const [key, certificate] = [join(cluster, 'server.key'), join(cluster, 'server.crt')]
    const names = ['-subj', '/CN=test', '-addext', `subjectAltName=IP:${elsewhere}`]
    const newKey = ['-newkey', 'rsa:2048', '-nodes', '-keyout', key]
    execFileSync('openssl', ['req', '-x509', ...newKey, ...names, '-out', certificate], {
      stdio: 'ignore',
    })
    const { uid, gid } = statSync(cluster)
    for (const file of [key, certificate]) chownSync(file, uid, gid)
    const sql = connect('shop')
    await sql`alter system set ssl = on`
    await sql`select pg_reload_conf()`
    await sql.end()
    return certificate
  }
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
