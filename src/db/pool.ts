/** The shared async pool: every lesson opens the database here, and every setting is read here. */
import 'dotenv/config'
import { inspect } from 'node:util'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'

/**
 * Opens a pool of connections to the database that the DB_* variables name, and Drizzle on top of it.
 *
 * The pool is lazy: it connects with the first query. Declare it with `await using`, and it closes at
 * the end of the block on every path: running queries get 5 seconds to finish.
 *
 * @param options.max how many connections there may be at the same time.
 * @param options.name a database other than the one that DB_NAME names.
 * @param options.applicationName what the server calls this program in `pg_stat_activity` and in its log.
 * @param options.server a server other than the one that DB_HOST and DB_PORT name: `host:port`.
 * @throws {Error} if DB_PASS or DB_NAME is not set, DB_PORT is not a port number, or DB_SSLMODE is not a mode.
 */
export function openDatabase({
  max = 10,
  name = '',
  applicationName = 'learning-drizzle',
  server = '',
} = {}) {
  const [serverHost, port] = server.split(':')
  const host = serverHost || setting('DB_HOST', '127.0.0.1')
  // Options rather than a URL: in a URL, a `#`, `@` or `%` in the password would have to be escaped.
  const client = postgres({
    host,
    port: port ? Number(port) : portSetting('DB_PORT', '5432'),
    username: setting('DB_USER', 'postgres'),
    password: setting('DB_PASS'),
    database: name || setting('DB_NAME'),
    connection: { application_name: applicationName },
    max,
    connect_timeout: 5, // seconds
    ssl: encryption(host),
    onnotice: () => {}, // the driver would print the server's notices on stdout
    debug: process.env.DB_ECHO === '1' && echo,
  })
  const db = drizzle({ client })
  return Object.assign(db, { [Symbol.asyncDispose]: () => client.end({ timeout: 5 }) })
}

/** What `openDatabase` returns. */
export type Database = ReturnType<typeof openDatabase>

/** What the callback of `db.transaction` gets; a function that takes it runs inside the transaction. */
export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0]

function setting(name: string, fallback?: string): string {
  const value = process.env[name] || fallback
  if (value === undefined) throw new Error(`${name} is not set. Write ${name}="..." into .env.`)
  return value
}

function portSetting(name: string, fallback: string): number {
  const value = setting(name, fallback)
  const port = Number(value)
  if (Number.isInteger(port) && port > 0 && port < 65536) return port
  throw new Error(
    `${name} is "${value}", which is not a port number. Write ${name}="5432" into .env.`,
  )
}

// A remote server must prove its identity by certificate before it gets the password. Loopback and names without a dot
// count as local: they are this machine or a container network.
function encryption(host: string) {
  const isNear = /^([^.:]+|127\..*|::1|host\.docker\.internal|\/.*)$/.test(host)
  const mode = setting('DB_SSLMODE', isNear ? 'prefer' : 'verify-full')
  switch (mode) {
    case 'verify-full':
      return { host } // without it, postgres.js 3.4 compares the certificate of an IP address with "localhost"
    case 'require': // encrypted, with any certificate
    case 'prefer': // the same if the server offers it, otherwise not encrypted
      return mode
    case 'disable':
      return false
  }
  throw new Error(`DB_SSLMODE is "${mode}". Write verify-full, require, prefer or disable.`)
}

// Prints each statement as it is sent: on stderr, because stdout is the lesson's.
function echo(_connection: number, statement: string, parameters: unknown[]): void {
  if (statement.includes('pg_catalog.pg_type')) return // the driver looks up array types, once
  const values =
    parameters.length > 0 ? `  -- ${inspect(parameters, { breakLength: Infinity })}` : ''
  console.error(`sql: ${statement.trim()}${values}`)
}
