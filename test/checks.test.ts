/** Types, lint and format, for every file of the project. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { hasProgram, root, run } from './support.ts'

const checks: [string, string[]][] = [
  ['types', ['node_modules/.bin/tsc']],
  ['types of the benchmark', ['node_modules/.bin/tsc', '--project', 'bench']],
  ['lint and format', ['node_modules/.bin/biome', 'check', '--error-on-warnings']],
  ['shell scripts', ['shellcheck', 'manage.sh', '.ci/run']],
]

for (const [name, command] of checks) {
  const lacks = command.includes('bench') && !existsSync(join(root, 'bench/node_modules'))
  const skip =
    (lacks && './manage.sh bench has not been run yet') ||
    (!hasProgram(command[0] ?? '', '--version') && `${command[0]} is not installed`)
  test(name, { skip }, async () => {
    const { code, output } = await run(command)
    assert.equal(code, 0, output)
  })
}
