/**
 * The embedded server by command:
 *
 *   up                     starts it if need be, prints its port
 *   run SCRIPT [ARG ...]   starts it if need be, then runs the script here, with the DB_* variables set
 *   run --servers MODULE SCRIPT [ARG ...]
 *                          the same, after the module's startServers(): for a lesson with servers of its own
 *
 * What stops it is tools/embedded.sh, because that has to work without packages, too.
 */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { EmbeddedError } from './programs.ts'
import { type Server, startServer } from './server.ts'

const settings = () => ({
  user: process.env.DB_USER || 'postgres',
  password: required('DB_PASS'),
  database: required('DB_NAME'),
  port: Number(process.env.DB_PORT || 5432),
})

async function up(): Promise<Server> {
  const server = await startServer(settings())
  if (server.started) {
    console.error(
      `-- Started PostgreSQL ${server.version} on 127.0.0.1:${server.port}. It stays up until ./manage.sh down.`,
    )
  }
  return server
}

function required(name: string): string {
  const value = process.env[name]
  if (!value) throw new EmbeddedError(`${name} is not set. Write ${name}="..." into .env.`)
  if (/[\r\n\0]/.test(value))
    throw new EmbeddedError(
      `${name} has a line break in it, which the embedded server cannot take.`,
    )
  return value
}

async function run([script = '', ...args]: string[]): Promise<void> {
  const { port } = await up()
  process.env.DB_HOST = '127.0.0.1'
  process.env.DB_PORT = String(port)
  process.env.DB_SSLMODE = 'prefer' // what is set there is for a server of the reader's own
  process.argv = [process.execPath, resolve(script), ...args]
  await import(pathToFileURL(resolve(script)).href)
}

/** Starts the servers of a lesson, which tells it by variables where they are. */
async function startLessonServers(module: string): Promise<void> {
  const { startServers } = await import(pathToFileURL(resolve(module)).href)
  Object.assign(process.env, await startServers(settings()))
}

const [command, ...args] = process.argv.slice(2)
try {
  if (command === 'up') console.log((await up()).port)
  else if (command === 'run' && args[0] === '--servers') {
    await startLessonServers(args[1] ?? '')
    await run(args.slice(2))
  } else if (command === 'run') await run(args)
  else
    throw new EmbeddedError('usage: embedded/cli.ts up | run [--servers MODULE] SCRIPT [ARG ...]')
} catch (error) {
  if (!(error instanceof EmbeddedError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
