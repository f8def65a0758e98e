/**
 * The embedded server by command:
 *
 *   up                     starts it if need be, prints its port
 *   down                   stops it, and those of lessons that were killed
 *   run SCRIPT [ARG ...]   starts it if need be, then runs the script here, with the DB_* variables set
 *
 * A lesson that needs more servers than this one has a module of its own name in lessons/, which starts them.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { EmbeddedError } from './programs.ts'
import { removeRunFolders } from './run-folder.ts'
import { type Server, startServer, stopServers } from './server.ts'

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

async function run(script: string, args: string[]): Promise<void> {
  const { port } = await up()
  const more = new URL(`./lessons/${args[0]}.ts`, import.meta.url)
  if (existsSync(more))
    Object.assign(process.env, await (await import(more.href)).startServers(settings()))
  process.env.DB_HOST = '127.0.0.1'
  process.env.DB_PORT = String(port)
  process.env.DB_SSLMODE = 'prefer' // what is set there is for a server of the reader's own
  process.argv = [process.execPath, resolve(script), ...args]
  await import(pathToFileURL(resolve(script)).href)
}

const [command, script, ...args] = process.argv.slice(2)
try {
  if (command === 'up') console.log((await up()).port)
  else if (command === 'down') console.log((await stopServers()) + (await removeRunFolders()))
  else if (command === 'run' && script) await run(script, args)
  else throw new EmbeddedError('usage: embedded/cli.ts up | down | run SCRIPT [ARG ...]')
} catch (error) {
  if (!(error instanceof EmbeddedError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
