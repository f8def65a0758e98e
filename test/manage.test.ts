/** What manage.sh answers to words, machines, servers and settings that are not as it needs them. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { problem } from '../src/lessons/pooler/servers.ts'
import { lessonNames } from './docs.ts'
import {
  connectionOutput,
  copyProject,
  noDocker,
  type Project,
  pathWithout,
  type RunOptions,
  run,
  settings,
  startEmbedded,
  temporaryFolder,
} from './support.ts'

let project: Project
let port: string

/** manage.sh in the shared copy, without Docker and with these settings. */
const manage = (args: string[], options: RunOptions = {}) =>
  project.manage(args, { ...options, env: { ...noDocker, ...settings, ...options.env } })

/** The embedded server in the part of a reader's own. */
const own = () => ({ DB_HOST: '127.0.0.1', DB_PORT: port })

before(async () => {
  project = copyProject()
  port = await startEmbedded(project, settings)
})
after(() => project.remove())

describe('words that are wrong', () => {
  const cases: [string[], RegExp][] = [
    [['conection'], /no lesson or command "conection"\..*\nDid you mean "connection"\?\n$/],
    [['modles'], /Did you mean "models"\?\n$/],
    [['dow'], /Did you mean "down"\?\n$/],
    [
      ['xyzzyplugh'],
      /^There is no lesson or command "xyzzyplugh"\. \.\/manage\.sh lists what there is\.\n$/,
    ],
    [['../run'], /no lesson or command "\.\.\/run"/],
    [['models', 'select'], /^Unexpected argument: "select"\.\n$/],
    [['run', 'models', 'select'], /^Unexpected argument: "select"\.\n$/],
    [['test', 'foo'], /^Unexpected argument: "foo"\.\n$/],
    [['foo'], /lists what there is\.\n$/],
    [['run'], /Which lesson\?/],
    [['--sql'], /^Which lesson\? \.\/manage\.sh lists them\.\n$/],
    [['run', 'modles'], /Did you mean "models"\?\n$/],
    [['help', 'me'], /no help for "me"/],
    [
      ['models', '--sqll'],
      /^--sqll is not a flag of \.\/manage\.sh run LESSON\. Its flags: --docker --embedded --sql --timeline\.\n$/,
    ],
    [['down', '--sql'], /--sql is not a flag of \.\/manage\.sh down\./],
    [['models', '--docker', '--embedded'], /^Use --docker or --embedded, not both\.\n$/],
    [['models', '--next'], /--next is not a flag of \.\/manage\.sh run LESSON/],
    [['psql', 'modles'], /Did you mean "models"\?/],
  ]
  for (const [args, message] of cases) {
    test(`./manage.sh ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await manage(args)
      assert.equal(code, 2)
      assert.equal(stdout, '')
      assert.match(stderr, message)
      assert.ok(stderr.split('\n').length <= 3, stderr)
    })
  }

  test('no words at all: the usage, each of the reader’s commands, and every lesson', async () => {
    const { code, stdout } = await manage([])
    assert.equal(code, 0)
    assert.match(stdout, /^Usage: /)
    for (const command of ['up', 'down', 'psql', 'test', 'site', 'doctor', 'clean', 'help'])
      assert.match(stdout, new RegExp(`^  ${command} `, 'm'))
    for (const name of lessonNames) assert.match(stdout, new RegExp(`^ +${name} `, 'm'))
    assert.doesNotMatch(stdout, /bench|--faults/)
  })

  test('help contributors: every flag of the tests, and the benchmark', async () => {
    const { code, stdout } = await manage(['help', 'contributors'])
    assert.equal(code, 0)
    for (const words of ['test --update', 'test --faults', 'test --next', 'test --versions'])
      assert.ok(stdout.includes(words), words)
    assert.match(stdout, /^ {2}bench /m)
  })

  test('a lesson, with and without "run" before it', async () => {
    for (const args of [['connection'], ['run', 'connection']])
      assert.equal((await manage(args)).stdout, connectionOutput)
  })
})

describe('what a machine may lack', () => {
  test('the servers of a lesson that exist only in Docker', async () => {
    const { code, stderr } = await manage(['sharding'])
    assert.equal(code, 1)
    assert.match(stderr, /^sharding needs servers that exist only in Docker\. Install it: https:/m)
  })

  test('a pooler', { skip: !problem() && 'PgBouncer is installed' }, async () => {
    const { code, stderr } = await manage(['pooler'])
    assert.equal(code, 1)
    assert.match(stderr, /^This lesson needs a pooler: .*Run it with Docker, or get PgBouncer/m)
  })

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
    assert.equal(stdout, connectionOutput)
    assert.match(stderr, /embedded server \((no Docker engine answers|Docker is not installed)\)/)
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

test('psql on the database of a lesson that has not run: what to do, with psql’s own exit code', {
  skip: !existsSync('/usr/bin/psql') && 'psql is not installed',
}, async () => {
  const looked = await manage(['psql', 'views'], { input: 'select 1;' })
  assert.deepEqual([looked.code, looked.stdout], [2, ''])
  assert.match(looked.stderr, /database "shop_views" does not exist\n/)
  assert.match(
    looked.stderr,
    /^-- Run \.\/manage\.sh views first: its database is made by the run\.$/m,
  )
  const plain = await manage(['psql'], { env: { DB_HOST: '127.0.0.1', DB_PORT: '1' } })
  assert.equal(plain.code, 2)
  assert.doesNotMatch(plain.stderr, /first/)
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
      assert.equal(stdout, connectionOutput)
    })
  })

  const bad: [string, string, RegExp][] = [
    [
      'no password',
      'DB_NAME="shop"\n',
      /^DB_PASS is not set\. Write DB_PASS="\.\.\." into \.env\.$/m,
    ],
    ['no database', 'DB_PASS="x"\nDB_NAME=""\n', /^DB_NAME is not set\. Write DB_NAME="\.\.\."/m],
    ['too high a port', 'DB_PASS="x"\nDB_NAME="y"\nDB_PORT=65536\n', /^DB_PORT is "65536"/m],
    [
      'no port',
      'DB_PASS="x"\nDB_NAME="y"\nDB_PORT=five\n',
      /^DB_PORT is "five".*Write DB_PORT="5432"/m,
    ],
    [
      'an unquoted #',
      'DB_PASS=Awesome#123\nDB_NAME=x\n',
      /^DB_PASS in \.env has an unquoted #.*Write DB_PASS="\.\.\."/m,
    ],
    [
      'quotes that do not match',
      `DB_PASS="a"b"\nDB_NAME=x\n`,
      /^DB_PASS in \.env cannot be read: its quotes/m,
    ],
    ['a line break by \\n', 'DB_PASS="a\\nb"\nDB_NAME=x\n', /^DB_PASS in \.env has a \\n/m],
  ]
  for (const port of ['5432.5', '0', '65536', '-1', 'five']) {
    test(`a script started directly, with ${port} for a port`, async () => {
      const { code, stdout, stderr } = await run(
        ['node', '--import', 'tsx', 'src/lessons/connection/connection.ts'],
        { cwd: project.folder, env: { ...own(), ...settings, DB_PORT: port } },
      )
      assert.deepEqual([code, stdout], [1, ''])
      assert.match(stderr, new RegExp(`DB_PORT is "${port}", which is not a port number`))
    })
  }

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
    const shell = `source tools/messages.sh && source tools/settings.sh && cd "$1" && read_env_file && declare -p DB_USER DB_PASS DB_NAME DB_PORT >/dev/null && printf '%s\\0' "$DB_USER" "$DB_PASS" "$DB_NAME" "$DB_PORT" "\${DB_HOST-none}"`
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
      assert.equal(fromEnvironment.stdout, connectionOutput, fromEnvironment.stderr)
      // A changed .env is taken over by the server that is there.
      const file = Object.entries(all).map(([name, value]) => `${name}=\`${value.toUpperCase()}\``)
      writeFileSync(join(fresh.folder, '.env'), file.join('\n'))
      const fromFile = await fresh.manage(['connection'], { env: noDocker })
      assert.equal(fromFile.stdout, connectionOutput, fromFile.stderr)
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
