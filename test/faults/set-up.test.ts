/** What was set up is broken, or was set up by half. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { copyProject, noDocker, type Project, settings, temporaryFolder } from '../support.ts'
import { fault, projectWithServer, type Subject } from './fault.ts'

const shop = projectWithServer()
const cluster = (...names: string[]) => join(shop.project.folder, '.made/embedded/pg18', ...names)

fault(shop, 'a file of the cluster is damaged', async () => {
  await shop.run({}, 'down')
  const control = readFileSync(cluster('global/pg_control'))
  writeFileSync(cluster('global/pg_control'), 'damaged')
  shop.write('')
  const result = await shop.run()
  writeFileSync(cluster('global/pg_control'), control)
  return result
})

fault(shop, 'the making of the cluster is killed', async () => {
  await shop.run({}, 'down')
  rmSync(cluster(), { recursive: true })
  shop.write('')
  return shop.run({
    when: { printed: '-- Making a PostgreSQL cluster', act: (kill) => kill('SIGKILL') },
  })
})

let project: Project
before(() => {
  project = copyProject({ packages: false })
})
after(() => project.remove())

/** A fresh clone, with no packages in it. */
const clone: Subject = {
  get project() {
    return project
  },
  run: (options = {}, ...args) =>
    project.manage(args.length > 0 ? args : ['connection'], {
      ...options,
      env: { ...noDocker, ...settings, ...options.env },
    }),
  leftovers: async () => [],
}
const modules = (...names: string[]) => join(project.folder, 'node_modules', ...names)

for (const [what, signal] of [
  ['npm is killed while it installs the packages', 'SIGKILL'],
  ['SIGINT while npm installs the packages', 'SIGINT'],
] as const) {
  fault(clone, what, async () => {
    rmSync(modules(), { recursive: true, force: true })
    const result = await clone.run({
      when: {
        printed: '-- Installing the npm packages',
        act: (kill) => {
          // As soon as npm has begun to write.
          while (!existsSync(modules())) {
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
          }
          kill(signal)
        },
      },
    })
    assert.ok(!existsSync(modules('.installed')))
    return result
  })
}

const unreachable = {
  npm_config_registry: 'http://127.0.0.1:1',
  npm_config_cache: '/nowhere',
  npm_config_fetch_retries: '0',
}

fault(clone, 'npm cannot be reached, and the packages are there', () =>
  clone.run({ env: unreachable }),
)

fault(clone, 'npm cannot be reached, and the packages are not there', async () => {
  rmSync(modules(), { recursive: true })
  return clone.run({ env: { ...unreachable, npm_config_cache: temporaryFolder() } })
})

fault(clone, 'a package was deleted by hand', () => {
  rmSync(modules('postgres'), { recursive: true })
  return clone.run()
})
