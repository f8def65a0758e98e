/** Tells a reader what went wrong: the words of the server or the driver, the code, and what to do. */
import { fileURLToPath } from 'node:url'

const unknownAuthority =
  'Node does not know the authority that signed this certificate. Set NODE_EXTRA_CA_CERTS to the file that holds the ' +
  'authority\'s own. DB_SSLMODE="require" encrypts too, but anybody could pose as your server.'

const advice: Record<string, string> = {
  '28P01':
    'DB_USER or DB_PASS is not what the server knows. A server that manage.sh started ' +
    'takes new ones after ./manage.sh down.',
  '3D000':
    'Create the database, or set DB_NAME to one that exists. A server that manage.sh started ' +
    'makes it after ./manage.sh down.',
  '42501': 'DB_USER lacks a right. To run a lesson it must be allowed to create databases.',
  '53300': 'Every connection that the server allows is in use. Close some, and try again.',
  ECONNREFUSED: 'No server listens there. Check DB_HOST and DB_PORT.',
  ENOTFOUND: 'No machine has that name. Check DB_HOST.',
  EAI_AGAIN: 'The name could not be looked up. Check DB_HOST and your network.',
  EMFILE: 'This process may open no more files. See ulimit -n, or give the pool a smaller max.',
  CONNECTION_CLOSED:
    'The server closed the connection, or something on the way to it did. Is it up?',
  CONNECTION_ENDED: 'The pool was closed before this query was sent. Is there an await missing?',
  NO_TLS:
    'The server may not offer encryption. Turn it on there. If you trust the whole network on the way, ' +
    'set DB_SSLMODE="disable".',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'The certificate is for another server. Set DB_HOST to a name that is on the certificate.',
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  CONNECT_TIMEOUT: 'Nothing answered there. Check DB_HOST, DB_PORT and any firewall.',
}

/**
 * The error as lines to print: its message and code, what the server adds, where in this project it
 * happened, and what to do if that is known. The parameters are left out, but the
 * server's message may still quote a value: print these lines, do not log them.
 */
export function explain(error: unknown): string {
  const cause = rootCause(error)
  if (!(cause instanceof Error)) return String(cause)
  const code = property(cause, 'code')
  const isProgrammingError = cause.name !== 'Error' && cause.name !== 'PostgresError'
  const headline = `${isProgrammingError ? `${cause.name}: ` : ''}${cause.message}`
  const details = [
    ['detail', property(cause, 'detail')],
    ['hint', property(cause, 'hint')],
    ['query', error instanceof Error ? shortened(property(error, 'query')) : undefined],
    ['at', ownFrame(error)],
    ['help', adviceFor(code, cause.message)],
  ]
  return [
    code === undefined ? headline : `${headline} [${code}]`,
    ...details.flatMap(([label, text]) => (text ? `  ${label}: ${text}` : [])),
  ].join('\n')
}

function adviceFor(code: string | undefined, message: string): string | undefined {
  const isRefusedEncryption = code === 'ECONNRESET' && message.includes('secure TLS connection')
  return advice[isRefusedEncryption ? 'NO_TLS' : (code ?? '')]
}

// Drizzle wraps what the driver throws; Node wraps several failed addresses of one host.
function rootCause(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return rootCause(error.errors[0])
  if (error instanceof Error && error.cause !== undefined) return rootCause(error.cause)
  return error
}

function property(error: Error, name: string): string | undefined {
  const value: unknown = Reflect.get(error, name)
  return typeof value === 'string' && value !== '' ? value : undefined
}

// A statement with thousands of rows would push everything else off the screen.
function shortened(query: string | undefined): string | undefined {
  return query && query.length > 600 ? `${query.slice(0, 600)} ...` : query
}

// The first line of a lesson that the error came through.
function ownFrame(error: unknown): string | undefined {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  for (let current = error; current instanceof Error; current = current.cause) {
    const frames = (current.stack ?? '').split('\n').map((line) => line.replace('file://', ''))
    const own = frames.find((line) => line.includes(`${root}src/lessons/`))
    const place = own?.slice(own.indexOf(root) + root.length).replace(/\)$/, '')
    if (place) return place
  }
  return undefined
}
