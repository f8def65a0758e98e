/** Types, lint and format, for every file of the project. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { hasProgram, root, run } from './support.ts'

const shellFiles = readdirSync(join(root, 'tools'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.sh'))
  .map((name) => join('tools', name))

const checks: [string, string[]][] = [
  ['types', ['node_modules/.bin/tsc']],
  ['types of the benchmark', ['node_modules/.bin/tsc', '--project', 'bench']],
  ['types of the site', ['node_modules/.bin/tsc', '--project', 'site']],
  ['lint and format', ['node_modules/.bin/biome', 'check', '--error-on-warnings']],
  ['shell scripts', ['shellcheck', 'manage.sh', '.ci/run', ...shellFiles]],
]

for (const [name, command] of checks) {
  const [, , part = '.'] = command
  const skip =
    (command.includes('--project') &&
      !existsSync(join(root, part, 'node_modules')) &&
      `./manage.sh ${part} has not been run yet`) ||
    (!hasProgram(command[0] ?? '', '--version') && `${command[0]} is not installed`)
  test(name, { skip }, async () => {
    const { code, output } = await run(command)
    assert.equal(code, 0, output)
  })
}
