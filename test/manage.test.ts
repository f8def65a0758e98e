/** manage.sh on the embedded server and on a server of one's own: bad input, bad luck, and what stays. */
import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import postgres from 'postgres'
import {
  copyProject,
  noDocker,
  type Project,
  pathWithout,
  type RunOptions,
  run,
  temporaryFolder,
} from './support.ts'

const one = 'SELECT 1: 1\n'
const settings = { DB_USER: 'postgres', DB_PASS: 'secret#1', DB_NAME: 'shop' }
let project: Project
let port: string

/** manage.sh in the shared copy, without Docker and with these settings. */
const manage = (args: string[], options: RunOptions = {}) =>
  project.manage(args, { ...options, env: { ...noDocker, ...settings, ...options.env } })

/** The embedded server in the part of a reader's own. */
const own = () => ({ DB_HOST: '127.0.0.1', DB_PORT: port })

const connect = (database = settings.DB_NAME) =>
  postgres({
    host: '127.0.0.1',
    port: Number(port),
    username: settings.DB_USER,
    password: settings.DB_PASS,
    database,
    max: 1,
    onnotice: () => {},
  })

const script = (text: string, name = 'scratch') =>
  writeFileSync(join(project.folder, `src/examples/${name}.ts`), text)

before(async () => {
  project = copyProject()
  const { output, code } = await manage(['up'])
  assert.equal(code, 0, output)
  port = /127\.0\.0\.1:(\d+)/.exec(output)?.[1] ?? ''
})
after(() => project.remove())

describe('words that are wrong', () => {
  const cases: [string[], RegExp][] = [
    [['conection'], /no example or command "conection"\. Did you mean "connection"\?/],
    [['modles'], /Did you mean "models"\?/],
    [['dwon'], /Did you mean "down"\?/],
    [['xyzzyplugh'], /no example or command "xyzzyplugh"\.\n/],
    [['../run'], /no example or command "\.\.\/run"/],
    [['models', 'select'], /One at a time, please: "models select"/],
    [['models', '--sqll'], /no flag "--sqll"/],
    [['models', '--docker', '--embedded'], /exclude each other/],
    [['psql', 'modles'], /Did you mean "models"\?/],
  ]
  for (const [args, message] of cases) {
    test(`./manage.sh ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await manage(args)
      assert.equal(code, 2)
      assert.equal(stdout, '')
      assert.match(stderr, message)
      assert.match(stderr, /^Usage: /m)
    })
  }

  test('no words at all: the usage, and every example', async () => {
    const { code, stdout } = await manage([])
    assert.equal(code, 0)
    assert.match(stdout, /^Usage: /)
    assert.ok(
      stdout.includes(
        readFileSync(join(project.folder, 'src/examples/examples.txt'), 'utf8').split('\n')[1] ??
          '?',
      ),
    )
  })
})

describe('what a machine may lack', () => {
  /** A folder with one program in it, to stand before all others. */
  const fake = (name: string, text: string) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
    return `${folder}:${process.env.PATH}`
  }
  const noDockerAtAll = pathWithout('docker')
  const neither = pathWithout('docker', 'node', 'npm')

  const dockers: [string, Record<string, string>, RegExp][] = [
    ['no Docker', { PATH: noDockerAtAll }, /Docker is not installed/],
    ['no engine', { PATH: fake('docker', 'exit 1') }, /no Docker engine answers/],
    [
      'an old engine',
      { PATH: fake('docker', 'echo 24.0.9') },
      /the Docker engine 24\.0\.9 is older than 25/,
    ],
    [
      'no compose',
      { PATH: fake('docker', 'case $1 in version) echo 28.0.1 ;; *) exit 1 ;; esac') },
      /docker compose is not installed/,
    ],
    [
      'an old compose',
      {
        PATH: fake(
          'docker',
          'case $1 in version) echo 28.0.1 ;; compose) echo v2.17.3 ;; *) exit 1 ;; esac',
        ),
      },
      /docker compose v2\.17\.3 is older than 2\.21/,
    ],
  ]
  for (const [what, env, message] of dockers) {
    test(`${what}: the doctor knows, and --docker fails with what to get`, async () => {
      assert.match((await manage(['doctor'], { env })).stdout, message)
      const { code, stdout, stderr } = await manage(['connection', '--docker'], { env })
      assert.equal(code, 1)
      assert.equal(stdout, '')
      assert.match(stderr, message)
      assert.match(stderr, /^--docker: .*Get Docker from https:/)
    })
  }

  test('without Docker the embedded server is taken, and said', async () => {
    const { code, stdout, stderr } = await manage(['connection'])
    assert.equal(code, 0, stderr)
    assert.equal(stdout, one)
    assert.match(stderr, /embedded server \(no Docker engine answers\)/)
  })

  test('an old Node, and --embedded: what to get', async () => {
    const env = { PATH: fake('node', 'echo v18.20.4') }
    const { code, stderr } = await manage(['connection', '--embedded'], { env })
    assert.equal(code, 1)
    assert.match(
      stderr,
      /^--embedded: Node 18\.20\.4 is older than 20\. Get Node 20 or later from https:/,
    )
  })

  test('neither: both ways out', async () => {
    const { code, stdout, stderr } = await manage(['connection'], { env: { PATH: neither } })
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.match(stderr, /Docker is not installed, and Node is not installed/)
    assert.match(stderr, /docs\.docker\.com.*nodejs\.org/)
  })

  test('the doctor says what is missing, and how to get it', async () => {
    const sick = await manage(['doctor'], { env: { PATH: neither } })
    assert.equal(sick.code, 1)
    assert.match(sick.stdout, /^Node +Node is not installed\n +-> https:\/\/nodejs\.org/m)
    const well = await manage(['doctor'])
    assert.equal(well.code, 0)
    assert.match(well.stdout, /^Node +ok$/m)
    assert.match(well.stdout, /^lessons +run on the embedded server$/m)
  })
})

describe('a server of your own that cannot be reached', () => {
  const cases: [string, Record<string, string>, RegExp][] = [
    [
      'wrong password',
      { DB_PASS: 'wrong' },
      /password authentication failed for user "postgres" \[28P01\]\n {2}help: /,
    ],
    [
      'unknown host',
      { DB_HOST: 'nowhere.invalid' },
      /nowhere\.invalid \[(ENOTFOUND|EAI_AGAIN)\]\n {2}help: /,
    ],
    ['refused port', { DB_PORT: '1' }, /ECONNREFUSED 127\.0\.0\.1:1 \[ECONNREFUSED\]\n {2}help: /],
    [
      'missing database',
      { DB_NAME: 'nothing' },
      /database "nothing" does not exist \[3D000\]\n {2}help: /,
    ],
  ]
  for (const [what, env, message] of cases) {
    test(what, async () => {
      const { code, stdout, stderr } = await manage(['connection'], { env: { ...own(), ...env } })
      assert.equal(code, 1)
      assert.equal(stdout, '')
      assert.match(stderr, message)
      assert.doesNotMatch(stderr, /wrong|at .*node_modules/)
    })
  }
})

describe('settings', () => {
  const withEnvFile = async (text: string, work: () => Promise<void>) => {
    const file = join(project.folder, '.env')
    const before = readFileSync(file)
    writeFileSync(file, text)
    try {
      await work()
    } finally {
      writeFileSync(file, before)
    }
  }
  const onlyFile = { DB_USER: undefined, DB_PASS: undefined, DB_NAME: undefined }

  test('.env is made on first use, said, private, with a password of its own', async () => {
    const file = join(project.folder, '.env')
    rmSync(file)
    const first = await manage(['connection'])
    assert.match(first.stderr, /^-- Made \.env from \.env\.example/)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    const text = readFileSync(file, 'utf8')
    assert.match(text, /^DB_PASS="[0-9a-f]{18}#1"$/m)
    const second = await manage(['connection'])
    assert.doesNotMatch(second.stderr, /Made/)
    assert.equal(readFileSync(file, 'utf8'), text)
  })

  test('the environment wins over .env', async () => {
    await withEnvFile('DB_HOST=nowhere.invalid\nDB_PASS="other"\nDB_NAME="other"\n', async () => {
      const { code, stdout, stderr } = await manage(['connection'], { env: own() })
      assert.equal(code, 0, stderr)
      assert.equal(stdout, one)
    })
  })

  const bad: [string, string, RegExp][] = [
    [
      'no password',
      'DB_NAME="shop"\n',
      /^DB_PASS is not set\. Write DB_PASS="\.\.\." into \.env\.$/m,
    ],
    ['no database', 'DB_PASS="x"\nDB_NAME=""\n', /^DB_NAME is not set\. Write DB_NAME="\.\.\."/m],
    [
      'no port',
      'DB_PASS="x"\nDB_NAME="y"\nDB_PORT=five\n',
      /^DB_PORT is "five".*Write DB_PORT="5432"/m,
    ],
    [
      'an unquoted #',
      'DB_PASS=Awesome#123\nDB_NAME=x\n',
      /^DB_PASS in \.env has a # without quotes.*Write DB_PASS="\.\.\."/m,
    ],
    [
      'quotes that do not match',
      `DB_PASS="a"b"\nDB_NAME=x\n`,
      /^DB_PASS in \.env cannot be read: its quotes/m,
    ],
    ['a line break by \\n', 'DB_PASS="a\\nb"\nDB_NAME=x\n', /^DB_PASS in \.env has a \\n/m],
  ]
  for (const [what, text, message] of bad) {
    test(`.env with ${what}`, async () => {
      await withEnvFile(text, async () => {
        const { code, stdout, stderr } = await manage(['connection'], { env: onlyFile })
        assert.equal(code, 1)
        assert.equal(stdout, '')
        assert.match(stderr, message)
        assert.doesNotMatch(stderr, /Awesome/)
      })
    })
  }

  test('.env is read as dotenv reads it', async () => {
    const { parse } = await import('dotenv')
    const text = [
      `DB_USER='it"s' # a comment`,
      '  export DB_PASS = "p@ss#w0rd/1?%\' $HOME \\t é"  ',
      'DB_NAME=`b"\'q` ',
      'DB_PORT=6543 # unquoted',
      '# DB_HOST="commented.out"',
      'OTHER=x#y',
    ].join('\r\n')
    const file = temporaryFolder()
    writeFileSync(join(file, '.env'), text)
    const shell = `source <(sed '/^cd /,$d' manage.sh) && cd "$1" && read_env_file && declare -p DB_USER DB_PASS DB_NAME DB_PORT >/dev/null && printf '%s\\0' "$DB_USER" "$DB_PASS" "$DB_NAME" "$DB_PORT" "\${DB_HOST-none}"`
    const { stdout, stderr } = await run(['bash', '-c', shell, 'test', file], {
      cwd: project.folder,
    })
    const { DB_USER, DB_PASS, DB_NAME, DB_PORT } = parse(text)
    assert.deepEqual(
      stdout.split('\0').slice(0, 5),
      [DB_USER, DB_PASS, DB_NAME, DB_PORT, 'none'],
      stderr,
    )
  })

  test('odd users, passwords and databases, from the environment and from .env', async () => {
    const odd = `# @ : / ? % ' " \\ $HOME \${x} Aé`
    const all = { DB_USER: `u ${odd}`, DB_PASS: odd, DB_NAME: `d ${odd}` }
    const fresh = copyProject()
    try {
      const fromEnvironment = await fresh.manage(['connection'], { env: { ...noDocker, ...all } })
      assert.equal(fromEnvironment.stdout, one, fromEnvironment.stderr)
      // A changed .env is taken over by the server that is there.
      const file = Object.entries(all).map(([name, value]) => `${name}=\`${value.toUpperCase()}\``)
      writeFileSync(join(fresh.folder, '.env'), file.join('\n'))
      const fromFile = await fresh.manage(['connection'], { env: noDocker })
      assert.equal(fromFile.stdout, one, fromFile.stderr)
      if (existsSync('/usr/bin/psql')) {
        const looked = await fresh.manage(['psql', 'connection'], {
          env: noDocker,
          input: 'select current_database();',
        })
        assert.match(
          looked.stdout,
          new RegExp(`^ ${all.DB_NAME.toUpperCase().replace(/[^\w ]/g, '\\$&')}_connection$`, 'm'),
        )
      }
    } finally {
      fresh.remove()
    }
  })
})

describe('an example that does not end as it should', () => {
  const open = `import { sql } from 'drizzle-orm'
import { openDatabase } from '../db/pool.ts'
await using db = openDatabase()
`
  test('throws', async () => {
    script(`${open}console.log('before')\nthrow new TypeError('on purpose')\n`)
    const { code, stdout, stderr } = await manage(['scratch'])
    assert.equal(code, 1)
    assert.equal(stdout, 'before\n')
    assert.match(
      stderr,
      /^scratch failed: TypeError: on purpose\n {2}at: src\/examples\/scratch\.ts:5:7$/m,
    )
  })

  test('does not compile', async () => {
    script('const = 1\n')
    const { code, stderr } = await manage(['scratch'])
    assert.equal(code, 1)
    assert.match(stderr, /scratch\.ts:1:6: ERROR: /)
  })

  test('fails in a promise that nobody awaits', async () => {
    script(
      `${open}void db.execute(sql\`select 1 / 0\`).then()\nawait db.execute(sql\`select pg_sleep(10)\`)\n`,
    )
    const { code, stderr } = await manage(['scratch'])
    assert.equal(code, 1)
    assert.match(stderr, /^scratch failed: division by zero \[22012\]$/m)
  })

  test('ends while a query runs: the query ends first', async () => {
    script(
      `${open}void db.execute(sql\`select pg_sleep(0.3)\`).then(() => console.log('query done'))
await db.execute(sql\`select 'on another connection, while the first one sleeps'\`)
console.log('script done')\n`,
    )
    const { code, stdout, stderr } = await manage(['scratch'])
    assert.equal(code, 0, stderr)
    assert.equal(stdout, 'script done\nquery done\n')
  })

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    test(`${signal} while a query runs: ${code}, and nothing of the run is left`, async () => {
      script(`${open}console.log('running')\nawait db.execute(sql\`select pg_sleep(600)\`)\n`)
      const result = await run(
        ['bash', '-c', 'trap : INT TERM HUP; ./manage.sh scratch; echo "exit code $?" >&2'],
        {
          cwd: project.folder,
          env: { ...noDocker, ...settings },
          when: { printed: 'running', act: (kill) => kill(signal) },
        },
      )
      assert.match(result.stderr, new RegExp(`exit code ${code}$`, 'm'))
      // `run` waits for the last holder of the pipes, so no process of ours is left. The server looks
      // for its client every second.
      const sql = connect()
      try {
        const query = sql`select 1 from pg_stat_activity where query like '%pg_sleep(600)%' and pid <> pg_backend_pid()`
        const deadline = Date.now() + 10_000
        while ((await query.execute()).length > 0)
          assert.ok(Date.now() < deadline, 'the query still runs')
      } finally {
        await sql.end()
      }
    })
  }
})

describe('databases', () => {
  test('each run starts with an empty one, and leaves it to be looked at', async () => {
    for (let i = 0; i < 2; i += 1) {
      const { stdout } = await manage(['models'])
      assert.match(stdout, /^RESULT: \[\]$/m)
    }
    const sql = connect('shop_models')
    const rows = await sql`select name, status from items`
    await sql.end()
    assert.deepEqual([...rows], [{ name: 'Pencil', status: '0' }])
  })

  test('one that is not ours is left alone', async () => {
    const sql = connect()
    await sql`create database shop_select`
    const theirs = connect('shop_select')
    await theirs`create table precious (id int)`
    await theirs.end()
    const { code, stdout, stderr } = await manage(['select'], { env: own() })
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.match(stderr, /There is a database "shop_select" that this project did not make/)
    const again = connect('shop_select')
    assert.equal((await again`select * from precious`).length, 0)
    await again.end()
    await sql`drop database shop_select`
    await sql.end()
  })

  test('one that was left half made is made again', async () => {
    const sql = connect()
    await sql`create database shop_tables connection limit 1947`
    await sql.end()
    const { code, stderr } = await manage(['tables'])
    assert.equal(code, 0, stderr)
  })

  test('a name that is too long is said', async () => {
    const DB_NAME = 'x'.repeat(60)
    const sql = connect()
    await sql`create database ${sql(DB_NAME)}`
    await sql.end()
    const { code, stderr } = await manage(['connection'], {
      env: { ...own(), DB_NAME },
    })
    assert.equal(code, 1)
    assert.match(stderr, /is too long for a database: at most 63 bytes/)
  })

  test('clean drops ours on a server of your own, and nothing else', async () => {
    const copy = copyProject()
    try {
      const env = { ...noDocker, ...settings, ...own() }
      const sql = connect()
      await sql`create database shop_other`
      await copy.manage(['connection'], { env })
      const { code, stderr } = await copy.manage(['clean'], { env })
      assert.equal(code, 0, stderr)
      assert.match(stderr, /^-- Dropped database shop_connection\.$/m)
      const left = await sql`select datname from pg_database where datname like 'shop%' order by 1`
      await sql`drop database shop_other`
      await sql.end()
      assert.deepEqual(
        left.map((row) => row.datname),
        ['shop', 'shop_other'],
      )
      assert.ok(!existsSync(join(copy.folder, 'node_modules')))
      assert.ok(existsSync(join(copy.folder, '.env')))
    } finally {
      copy.remove()
    }
  })
})

describe('the same result', () => {
  test('stdout is the example’s alone, and a pipe ends', async () => {
    const { stdout, code } = await run(['bash', '-c', './manage.sh connection 2>/dev/null | cat'], {
      cwd: project.folder,
      env: { ...noDocker, ...settings },
    })
    assert.equal(code, 0)
    assert.equal(stdout, one)
  })

  test('from another folder', async () => {
    const { stdout, stderr } = await run([join(project.folder, 'manage.sh'), 'connection'], {
      cwd: '/',
      env: { ...noDocker, ...settings, CDPATH: '/usr:/tmp' },
    })
    assert.equal(stdout, one, stderr)
  })

  test('through symbolic links', async () => {
    const folder = temporaryFolder()
    symlinkSync(join(project.folder, 'manage.sh'), join(folder, 'first'))
    symlinkSync('first', join(folder, 'second'))
    const { stdout, stderr } = await run([join(folder, 'second'), 'connection'], {
      cwd: folder,
      env: { ...noDocker, ...settings },
    })
    assert.equal(stdout, one, stderr)
  })

  test('with the caller’s own settings for other programs', async () => {
    const { stdout, stderr } = await manage(['connection'], {
      env: {
        LANG: undefined,
        LC_ALL: undefined,
        HOME: '/nowhere',
        PGHOST: 'nowhere.invalid',
        PGPORT: '1',
        PGPASSWORD: 'wrong',
        PGDATA: '/nowhere',
        PGTARGETSESSIONATTRS: 'standby',
        NODE_OPTIONS: '--require ./missing.js',
      },
    })
    assert.equal(stdout, one, stderr)
  })

  test('--sql shows the statements on stderr, and changes nothing else', async () => {
    const { stdout, stderr } = await manage(['connection', '--sql'])
    assert.equal(stdout, one)
    assert.match(stderr, /^sql: begin\nsql: select 1 as one\nsql: commit$/m)
  })
})

test('five shells at once, cold: all succeed, with one server', async () => {
  const cold = copyProject()
  try {
    const names = ['connection', 'connection', 'models', 'tables', 'select']
    const results = await Promise.all(names.map((name) => cold.manage([name], { env: noDocker })))
    for (const { code, output } of results) assert.equal(code, 0, output)
    assert.equal(results.filter(({ stderr }) => /^-- Started/m.test(stderr)).length, 1)
    const folders = readdirSync(join(cold.folder, 'embedded/data')).sort()
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
    assert.equal(next.stdout, one, next.stderr)
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
    assert.match(stderr, /npm could not install the packages; its words are above/)
    assert.ok(!existsSync(join(bare.folder, '.setting-up')))
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
    assert.match(stderr, /cannot be written/)
  } finally {
    chmodSync(copy.folder, 0o700)
    copy.remove()
  }
})
