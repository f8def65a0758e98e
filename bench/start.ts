/** How long it takes from a command to its first row. */
import { spawn } from 'node:child_process'
import { type Contender, compare, ratio } from './measure.ts'
import { ms, table } from './report.ts'

const ours = ['--import', './src/runner/faster-imports.mjs', '--import', 'tsx']

/** Measures the ways to start, each in so many rounds. Returns the tables. */
export async function startTables(rounds: number): Promise<string> {
  const { DB_HOST, DB_PORT, DB_USER, DB_PASS, DB_NAME } = process.env
  // manage.sh is to find its own server, not the one of this benchmark.
  const env = { ...process.env }
  delete env.DB_HOST
  delete env.DB_PORT
  const psql = ['--host', DB_HOST ?? '', '--port', DB_PORT ?? '', '--username', DB_USER ?? '']
  const onThisMachine = [
    command('node, an empty script', ['node', '--eval', 'console.log(1)']),
    command("node, with this project's imports", ['node', ...ours, '--eval', 'console.log(1)']),
    command('node src/run.ts connection', ['node', ...ours, 'src/run.ts', 'connection']),
    command('./manage.sh connection --embedded', ['./manage.sh', 'connection', '--embedded'], env),
  ]
  if (await works(['psql', '--version'])) {
    const ask = ['psql', ...psql, '--dbname', DB_NAME ?? '', '--command', 'select 1']
    onThisMachine.push(command("psql -c 'select 1'", ask, { ...process.env, PGPASSWORD: DB_PASS }))
  }
  const onDocker = [
    command('docker run --rm postgres:18 true', ['docker', 'run', '--rm', 'postgres:18', 'true']),
    command('./manage.sh connection --docker', ['./manage.sh', 'connection', '--docker'], env),
  ]
  const tables = [await startTable(onThisMachine, rounds)]
  if (await works(['docker', 'version'])) {
    await onDocker[1]?.run() // the image and the server are there from now on
    tables.push(await startTable(onDocker, rounds))
  }
  return tables.join('\n\n')
}

async function startTable(contenders: Contender[], rounds: number): Promise<string> {
  const results = await compare(contenders, rounds)
  const [floor] = results
  return table(
    ['from the command to the first row', 'ms', 'middle half', 'of the floor'],
    results.map((result) => [
      `\`${result.name}\``,
      ms(result.median),
      `${ms(result.low)} – ${ms(result.high)}`,
      floor ? ratio(result, floor) : '',
    ]),
  )
}

function command(name: string, [program = '', ...args]: string[], env = process.env): Contender {
  return {
    name,
    run: () =>
      new Promise((resolve, reject) => {
        const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'ignore'] })
        child.stdout.resume()
        child.on('error', reject)
        child.on('close', (code) =>
          code === 0 ? resolve(undefined) : reject(new Error(`${name} ended with ${code}`)),
        )
      }),
  }
}

/** Whether a command is there and does its work. */
export const works = (words: string[]): Promise<boolean> =>
  command(words.join(' '), words)
    .run()
    .then(
      () => true,
      () => false,
    )
