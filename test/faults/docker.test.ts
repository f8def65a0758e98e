/** Signals to a run on Docker: to manage.sh, to the container of the run, and to the server's. */
import { after, before } from 'node:test'
import { copyProject, noDockerTests, type Project, run, settings } from '../support.ts'
import { fault, type Subject, signalAtEachMoment, writeScratch } from './fault.ts'

const COMPOSE_PROJECT_NAME = `learning-drizzle-faults-${process.pid}`
const server = `${COMPOSE_PROJECT_NAME}-db-postgres-1`
let project: Project

after(async () => {
  if (!noDockerTests) await shop.run({}, 'clean')
  project.remove()
})

const containers = async () =>
  (
    await run([
      'docker',
      'ps',
      '--format',
      '{{.Names}}',
      '--filter',
      `name=${COMPOSE_PROJECT_NAME}`,
    ])
  ).stdout
    .split('\n')
    .filter((name) => name && name !== server)

const shop: Subject = {
  get project() {
    return project
  },
  run: (options = {}, ...args) =>
    project.manage([...(args.length > 0 ? args : ['scratch']), '--docker'], {
      ...options,
      env: { ...settings, COMPOSE_PROJECT_NAME, ...options.env },
    }),
  leftovers: containers,
}

before(async () => {
  project = copyProject()
  if (!noDockerTests) await shop.run({}, 'connection')
})

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const) {
  fault(
    shop,
    `Docker: ${signal} to manage.sh, at any moment`,
    async () => (await signalAtEachMoment(shop, signal))[0],
    { skip: noDockerTests },
  )

  fault(
    shop,
    `Docker: ${signal} to the container of the run`,
    async () => {
      writeScratch(project, [
        "console.log('running')",
        'await db.execute(sql`select pg_sleep(600)`)',
      ])
      return shop.run({
        when: {
          printed: 'running',
          act: async () => {
            for (const name of await containers()) {
              await run(['docker', 'kill', '--signal', signal, name])
            }
          },
        },
      })
    },
    { skip: noDockerTests },
  )
}

fault(
  shop,
  'Docker: the server is killed in the middle of a query',
  async () => {
    writeScratch(project, [
      'const query = db.execute(sql`select pg_sleep(600)`).then()',
      'await using watcher = openDatabase({ max: 1 })',
      "const active = sql`select 1 from pg_stat_activity where query like '%(600)%' and pid <> pg_backend_pid()`",
      'while ((await watcher.execute(active)).length === 0);',
      "console.log('running')",
      'await query',
    ])
    return shop.run({
      when: { printed: 'running', act: () => void run(['docker', 'kill', server]) },
    })
  },
  { skip: noDockerTests },
)
