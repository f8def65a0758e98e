/** The same on Docker: the transcripts, and how its containers are locked down and cleared away. */
import assert from 'node:assert/strict'
import { appendFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { lessonNames, outputOf, pageOf, read, transcriptsOf, withPlaceholders } from './docs.ts'
import {
  connectionOutput,
  copyProject,
  hasDocker,
  hasProgram,
  noDockerTests,
  type Project,
  type RunOptions,
  root,
  run,
} from './support.ts'

const composeOf = (lesson: string) => `src/lessons/${lesson}/compose.yml`
const withServers = lessonNames.filter((name) => existsSync(join(root, composeOf(name))))

/** Why a lesson cannot run here. An image is large, so it is not pulled for a test; the base of one that we build is. */
function lacks(lesson: string): string | undefined {
  if (!hasDocker || !withServers.includes(lesson)) return undefined
  const compose = read(composeOf(lesson))
  const shared = /file: \.\.\/(src\/\S+),/.exec(compose)?.[1]
  const text = (shared ? read(shared) : compose).replace(
    /\$\{(\w+):-(.*?)\}/g,
    (_, name: string, otherwise: string) => process.env[name] || otherwise,
  )
  const has = (image = '') => hasProgram('docker', 'image', 'inspect', image)
  for (const [, image = ''] of text.matchAll(/^ *image: ([^$\s]+)$/gm))
    if (!has(image)) return `its image is not here: docker pull ${image}`
  for (const [, base = ''] of text.matchAll(/^ *FROM (\S+)/gm))
    if (!has(base) && !hasProgram('docker', 'pull', base))
      return 'the base of its image is not to be had'
  return undefined
}

describe('on Docker', { skip: noDockerTests }, () => {
  const COMPOSE_PROJECT_NAME = `learning-drizzle-test-${process.pid}`
  const settings = {
    COMPOSE_PROJECT_NAME,
    DB_USER: 'postgres',
    DB_PASS: 'secret#1',
    DB_NAME: 'shop',
  }
  let project: Project

  const manage = (args: string[], options: RunOptions = {}) =>
    project.manage([...args, '--docker'], { ...options, env: { ...settings, ...options.env } })
  const docker = (...args: string[]) => run(['docker', ...args])
  const script = (text: string) => project.writeScript('scratch', text)
  const containers = async () =>
    (
      await docker(
        'ps',
        '--all',
        '--format',
        '{{.Names}}',
        '--filter',
        `name=${COMPOSE_PROJECT_NAME}`,
      )
    ).stdout
      .split('\n')
      .filter(Boolean)

  before(() => {
    project = copyProject()
  })
  after(async () => {
    await project.manage(['clean'], { env: settings })
    project.remove()
  })

  test('five shells at once, cold: all succeed, with one server', async () => {
    const names = ['connection', 'connection', 'models', 'tables', 'select']
    const results = await Promise.all(names.map((name) => manage([name])))
    for (const { code, output } of results) assert.equal(code, 0, output)
    assert.deepEqual(await containers(), [`${COMPOSE_PROJECT_NAME}-db-postgres-1`])
  })

  for (const name of lessonNames) {
    const [transcript] = transcriptsOf(pageOf(name))
    test(`${name} prints its page's transcript`, { skip: lacks(name) ?? false }, async () => {
      const { code, stdout, stderr } = await manage([name])
      assert.equal(code, 0, stderr)
      assert.equal(withPlaceholders(stdout), transcript?.output)
      assert.match(stderr, /^-- PostgreSQL 18\.\d+, Docker at db-postgres:5432$/m)
    })
  }

  for (const name of ['pooler', 'pooler-sessions']) {
    for (const transcript of transcriptsOf(pageOf(name)).slice(1)) {
      test(transcript.title, { skip: lacks(name) ?? false }, async () => {
        // Compose ends a failed run with an empty line.
        const printed = await outputOf(transcript, project, settings)
        assert.equal(printed.replace(/\n\n$/, '\n'), transcript.output)
      })
    }
  }

  test('two clones on one machine: neither touches the other’s server', async () => {
    const clones = [copyProject(), copyProject()]
    const inEach = async (...args: string[]) => {
      const results = await Promise.all(clones.map(({ manage }) => manage([...args, '--docker'])))
      for (const { code, output } of results) assert.equal(code, 0, output)
      return results.map(({ stderr }) => stderr)
    }
    try {
      for (const said of await inEach('up'))
        assert.match(said, /^-- Starting PostgreSQL in Docker/m)
      for (const said of await inEach('up')) assert.equal(said, '-- Docker: PostgreSQL is up.\n')
      await inEach('connection')
      await clones[0]?.manage(['clean'])
      const { stderr = '' } = (await clones[1]?.manage(['connection', '--docker'])) ?? {}
      assert.match(stderr, /^-- PostgreSQL 18.*\n$/)
    } finally {
      for (const { manage, remove } of clones) {
        await manage(['clean'])
        remove()
      }
    }
  })

  test('two runs of a lesson with servers of its own: one after the other, and nothing is left', async () => {
    const results = await Promise.all([manage(['replicas']), manage(['replicas'])])
    for (const { code, output } of results) assert.equal(code, 0, output)
    assert.equal(results.filter(({ stderr }) => /^-- Another shell has/m.test(stderr)).length, 1)
    assert.deepEqual(await containers(), [`${COMPOSE_PROJECT_NAME}-db-postgres-1`])
  })

  test('a user with quotes and a backslash: a lesson with servers of its own knows it', async () => {
    const DB_USER = `o'b"c\\d`
    const { code, output } = await manage(['replicas'], { env: { DB_USER } })
    assert.equal(code, 0, output)
  })

  test('a lesson with servers of its own is interrupted: they are removed', async () => {
    const { output } = await manage(['failover'], {
      when: { printed: 'ON THE STANDBY', act: (kill) => kill('SIGTERM') },
    })
    assert.doesNotMatch(output, /SENT AGAIN/)
    assert.deepEqual(await containers(), [`${COMPOSE_PROJECT_NAME}-db-postgres-1`])
  })

  assert.ok(withServers.length >= 3)
  for (const name of withServers) {
    test(`the servers of ${name} are as locked down as the others`, async () => {
      const files = ['docker/docker-compose.yml', composeOf(name)].flatMap((file) => [
        '--file',
        file,
      ])
      const { code, stdout, stderr } = await run(
        ['docker', 'compose', ...files, '--profile', '*', 'config', '--format=json'],
        { cwd: project.folder, env: settings },
      )
      assert.equal(code, 0, stderr)
      const { test: _, ...services } = JSON.parse(stdout).services
      assert.ok(Object.keys(services).some((service) => service.startsWith(`${name}-`)))
      for (const [service, settings] of Object.entries<Record<string, unknown>>(services)) {
        assert.equal(settings.read_only, true, service)
        assert.deepEqual(settings.cap_drop, ['ALL'], service)
        assert.deepEqual(settings.security_opt, ['no-new-privileges:true'], service)
        assert.equal(settings.ports, undefined, service)
      }
    })
  }

  test('a lesson that throws: exit code 1, and the error', async () => {
    script(`console.log('before')\nthrow new TypeError('on purpose')\n`)
    const { code, stdout, stderr } = await manage(['scratch'])
    assert.equal(code, 1)
    assert.equal(stdout, 'before\n')
    assert.match(
      stderr,
      /^scratch failed: TypeError: on purpose\n {2}at: src\/lessons\/scratch\/scratch\.ts:2:7$/m,
    )
  })

  test('an edit is seen by the next run, without a build', async () => {
    for (const word of ['first', 'second']) {
      script(`console.log('${word}')\n`)
      const { stdout, stderr } = await manage(['scratch'])
      assert.equal(stdout, `${word}\n`)
      assert.doesNotMatch(stderr, /Building/)
    }
  })

  test('--sql shows the statements on stderr', async () => {
    const { stdout, stderr } = await manage(['connection', '--sql'])
    assert.equal(stdout, connectionOutput)
    assert.match(stderr, /^sql: begin\nsql: select 1 as one\nsql: commit$/m)
  })

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    test(`${signal} while a query runs: ${code}, and no container of the run is left`, async () => {
      script(`import { sql } from 'drizzle-orm'
import { openDatabase } from '../../db/pool.ts'
await using db = openDatabase()
console.log('running')
await db.execute(sql\`select pg_sleep(600)\`)
`)
      const command = 'trap : INT TERM HUP; ./manage.sh scratch --docker; echo "exit code $?" >&2'
      const { stderr } = await run(['bash', '-c', command], {
        cwd: project.folder,
        env: settings,
        when: { printed: 'running', act: (kill) => kill(signal) },
      })
      assert.match(stderr, new RegExp(`exit code ${code}$`, 'm'))
      assert.deepEqual(await containers(), [`${COMPOSE_PROJECT_NAME}-db-postgres-1`])
    })
  }

  test('odd users, passwords and databases; changed settings are taken over', async () => {
    const odd = `# @ : / ? % ' " \\ $HOME \${x} Aé`
    for (const tag of ['a', 'b']) {
      const env = { DB_USER: `u${tag} ${odd}`, DB_PASS: `${tag} ${odd}`, DB_NAME: `d${tag} ${odd}` }
      const { stdout, stderr } = await manage(['connection'], { env })
      assert.equal(stdout, connectionOutput, stderr)
      const looked = await manage(['psql', 'connection'], {
        env,
        input: 'select current_database(), current_user;',
      })
      assert.ok(
        looked.stdout.includes(` ${env.DB_NAME}_connection | ${env.DB_USER}\n`),
        looked.output,
      )
    }
  })

  test('the exercise container: nobody, who may do nothing', async () => {
    script(`import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
const may = (file: string) => { try { writeFileSync(file, ''); return true } catch { return false } }
const status = readFileSync('/proc/self/status', 'utf8')
console.log(process.getuid?.(), may('/app/x'), may('/app/src/x'), may('/var/tmp/x'))
console.log(/ \\/tmp tmpfs .*noexec/.test(readFileSync('/proc/mounts', 'utf8')))
console.log(/CapEff:\\s*(\\w+)/.exec(status)?.[1], /NoNewPrivs:\\s*(\\d)/.exec(status)?.[1])
console.log(readdirSync('/app').sort().join(' '))
`)
    const { stdout, stderr } = await manage(['scratch'])
    assert.equal(
      stdout,
      '1000 false false false\ntrue\n0000000000000000 1\nnode_modules package-lock.json package.json src tsconfig.json\n',
      stderr,
    )
  })

  test('the server container: not root, no capabilities, nothing published', async () => {
    await manage(['up'])
    const { stdout } = await docker('inspect', `${COMPOSE_PROJECT_NAME}-db-postgres-1`)
    const [{ Config, HostConfig, NetworkSettings }] = JSON.parse(stdout)
    assert.equal(Config.User, 'postgres')
    assert.equal(HostConfig.ReadonlyRootfs, true)
    assert.deepEqual(HostConfig.CapDrop, ['ALL'])
    assert.deepEqual(HostConfig.SecurityOpt, ['no-new-privileges:true'])
    assert.deepEqual(Object.values(NetworkSettings.Ports).filter(Boolean), [])
  })

  test('no secret is in the image', async () => {
    const images = await docker(
      'image',
      'ls',
      '--quiet',
      '--filter',
      `reference=${COMPOSE_PROJECT_NAME}-exercise`,
    )
    const [image = ''] = images.stdout.split('\n')
    const { stdout, code } = await docker('history', '--no-trunc', image)
    assert.equal(code, 0)
    assert.doesNotMatch(stdout, /secret|DB_PASS/)
    const find = ['--entrypoint', 'find', image, '/app', '-name', '.env*']
    assert.equal((await docker('run', '--rm', ...find)).stdout, '')
  })

  test('a changed lockfile builds a new image by itself', async () => {
    appendFileSync(join(project.folder, 'package-lock.json'), '\n')
    const { stdout, stderr } = await manage(['connection'])
    assert.equal(stdout, connectionOutput, stderr)
    assert.match(stderr, /^-- Building the exercise image/m)
  })

  test('down leaves no container, and keeps the data; clean leaves nothing', async () => {
    await manage(['models'])
    const down = await manage(['down'])
    assert.match(down.stderr, /^-- Stopped the server in Docker\.$/m)
    assert.deepEqual(await containers(), [])
    const looked = await manage(['psql', 'models'], { input: 'select count(*) from items;' })
    assert.match(looked.stdout, /^ +1$/m, looked.output)
    await manage(['clean'])
    const label = `label=com.docker.compose.project=${COMPOSE_PROJECT_NAME}`
    for (const kind of [
      ['ps', '--all'],
      ['volume', 'ls'],
      ['network', 'ls'],
    ]) {
      assert.equal((await docker(...kind, '--quiet', '--filter', label)).stdout, '', kind.join(' '))
    }
    assert.equal(
      (await docker('image', 'ls', '--quiet', `${COMPOSE_PROJECT_NAME}-exercise`)).stdout,
      '',
    )
    const again = await manage(['clean'])
    assert.equal(again.code, 0, again.output)
  })
})
