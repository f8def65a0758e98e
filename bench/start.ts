/** How long it takes from a command to its first row. */
import { type Contender, compare } from './measure.ts'
import { canRun, runProgram } from './program.ts'
import { digits, middleHalf, table } from './report.ts'

const imports = ['--import', './src/runner/faster-imports.mjs', '--import', 'tsx']

/** Measures the ways to start, each in so many rounds. Returns the tables. */
export async function startTables(rounds: number): Promise<string> {
  const onThisMachine = [
    command('node, an empty script', ['node', '--eval', 'console.log(1)']),
    command("node, with this project's imports", ['node', ...imports, '--eval', 'console.log(1)']),
    command('node src/run.ts connection', ['node', ...imports, 'src/run.ts', 'connection']),
    manage('connection --embedded'),
  ]
  if (await canRun(['psql', '--version'])) onThisMachine.push(psql('select 1'))
  const levels = 'isolation-levels --embedded' // hundreds of statements of three sessions
  const timelines = [manage(levels), manage(`${levels} --timeline`)]
  const tables = [
    await startTable('from the command to the first row', onThisMachine, rounds),
    await startTable('a run, and the same with its timeline', timelines, rounds),
  ]
  if (await canRun(['docker', 'version'])) {
    const floor = ['docker', 'run', '--rm', 'postgres:18', 'true']
    const onDocker = [command(floor.join(' '), floor), manage('connection --docker')]
    await onDocker[1]?.work() // the image and the server are there from now on
    tables.push(await startTable('from the command to the first row', onDocker, rounds))
  }
  return tables.join('\n\n')
}

const command = (name: string, words: string[], env = process.env) => ({
  name,
  work: () => runProgram(words, env),
})

/** manage.sh, which is to find its own server, not the one of this benchmark. */
function manage(args: string) {
  const { DB_HOST: _host, DB_PORT: _port, ...env } = process.env
  return command(`./manage.sh ${args}`, ['./manage.sh', ...args.split(' ')], env)
}

function psql(query: string) {
  const { DB_HOST = '', DB_PORT = '', DB_USER = '', DB_PASS, DB_NAME = '' } = process.env
  const address = ['-h', DB_HOST, '-p', DB_PORT, '-U', DB_USER, '-d', DB_NAME]
  const env = { ...process.env, PGPASSWORD: DB_PASS }
  return command(`psql -c '${query}'`, ['psql', ...address, '-c', query], env)
}

async function startTable(title: string, contenders: Contender[], rounds: number): Promise<string> {
  const results = await compare(contenders, { rounds })
  return table(
    [title, 'ms', 'middle half', 'of the floor'],
    results.map((result) => [
      `\`${result.name}\``,
      digits(result.median),
      middleHalf(result),
      result.ratio,
    ]),
  )
}
