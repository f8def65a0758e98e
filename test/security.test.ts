/** Nobody gets in: not over the network, not by what a lesson is given, not by a package. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import postgres from 'postgres'
import { exampleNames, read } from './docs.ts'
import { copyProject, noDocker, type Project, root, startEmbedded } from './support.ts'

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

// What somebody might type who means harm. It begins with the name that it takes the place of, so that the
// lessons' own patterns still find it.
const harm = `Pencil'"); drop table items; -- \\ $1 \${x} /* %s {} [0] \`; select pg_sleep(9)`

describe('what a lesson is given is a value, and nothing else', { concurrency: 3 }, () => {
  const files = ['src/db/shop.ts', ...exampleNames.map((name) => `src/examples/${name}.ts`)]
  // A literal in SQL was not given by anybody.
  const given = /^(?!.*sql`).*'Pencil'/m
  const uses = (name: string) => {
    // Servers of its own are gone when it ends, and what they held with them.
    if (existsSync(join(root, `embedded/lessons/${name}.ts`))) return false
    const source = read(`src/examples/${name}.ts`)
    return given.test(source) || source.includes('fillShop')
  }

  before(() => {
    for (const name of files) {
      const file = join(project.folder, name)
      const lines = readFileSync(file, 'utf8').split('\n')
      const harmed = lines.map((line) =>
        given.test(line) ? line.replaceAll("'Pencil'", JSON.stringify(harm)) : line,
      )
      writeFileSync(file, harmed.join('\n'))
    }
  })

  /** In how many fields of the lesson's database this is, by itself or in JSON, in small letters or large. */
  async function stored(name: string, value: string): Promise<number> {
    const sql = connect(`shop_${name}`)
    const columns = await sql`
      select table_schema as schema, table_name as table, column_name as column
      from information_schema.columns join information_schema.tables using (table_schema, table_name)
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
        and data_type in ('text', 'character varying', 'json', 'jsonb')`
    let count = 0
    for (const { schema, table, column } of columns) {
      const field = sql`lower(${sql(column)}::text)`
      const found = await sql`
        select 1 from ${sql(schema)}.${sql(table)}
        where ${field} = ${value.toLowerCase()} or strpos(${field}, ${JSON.stringify(value).toLowerCase()}) > 0`
      count += found.length
    }
    await sql.end()
    return count
  }

  for (const name of exampleNames.filter(uses)) {
    test(name, async () => {
      const result = await project.manage([name], { env: { ...noDocker, ...settings } })
      assert.equal(result.code, 0, result.output)
      assert.equal(await stored(name, 'Pencil'), 0, result.output)
      assert.notEqual(await stored(name, harm), 0, result.output)
    })
  }
})

describe('packages', () => {
  const folders = ['', 'bench/', 'test/next/', 'test/versions/']

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
