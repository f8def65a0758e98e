/** Types, lint and format, for every file of the project. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasProgram, run } from './support.ts'

const checks: [string, string[]][] = [
  ['types', ['node_modules/.bin/tsc']],
  ['lint and format', ['node_modules/.bin/biome', 'check', '--error-on-warnings']],
  ['shell scripts', ['shellcheck', 'manage.sh', '.ci/run']],
]

for (const [name, command] of checks) {
  const skip = !hasProgram(command[0] ?? '', '--version') && `${command[0]} is not installed`
  test(name, { skip }, async () => {
    const { code, output } = await run(command)
    assert.equal(code, 0, output)
  })
}
