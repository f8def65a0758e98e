/**
 * Sockets for postgres.js whose far end is PGlite: the driver speaks its own wire protocol, unchanged.
 *
 * PGlite has one session. Who is inside a transaction keeps it until the server says that it is idle again,
 * and the others wait in line, as they would for a free connection.
 */
import type { PGlite } from '@electric-sql/pglite'
import { Buffer } from 'buffer'
import { EventEmitter } from 'events'

const patience = 3000 // milliseconds, below the driver's own connect_timeout

const readyForQuery = 'Z'.charCodeAt(0)
const notification = 'A'.charCodeAt(0)
const idle = 'I'.charCodeAt(0)
const sync = Uint8Array.of('S'.charCodeAt(0), 0, 0, 0, 4)

/** What postgres.js asks of a socket. */
interface DriverSocket extends EventEmitter {
  write: (chunk: Uint8Array, done?: () => void) => boolean
  end: () => void
  destroy: () => void
}

/**
 * @returns `open`, which makes a socket; `openCount`, which tells how many there are: while there is one, a
 *   program on Node would not end; and `workCount`, how many messages of the driver are not answered yet.
 */
export function socketsOver(pg: PGlite) {
  const sockets = new Set<DriverSocket>()
  const session = lineForSession()
  let workCount = 0

  function open(): DriverSocket {
    // Whatever is asked of one socket happens in its order.
    let work = Promise.resolve()
    let isOpen = true

    async function send(bytes: Uint8Array): Promise<void> {
      await session.take(socket)
      const answer = await pg.execProtocolRaw(bytes, { syncToFs: false })
      if (answer.length > 0) socket.emit('data', Buffer.from(answer))
      for (const message of notifications(answer)) {
        for (const other of sockets) if (other !== socket) other.emit('data', Buffer.from(message))
      }
      if (isIdle(answer)) session.give(socket)
    }

    async function close(): Promise<void> {
      if (!isOpen) return
      isOpen = false
      sockets.delete(socket)
      if (session.isTakenBy(socket)) {
        await pg.execProtocolRaw(sync, { syncToFs: false })
        await pg.exec('rollback')
        session.give(socket)
      }
      socket.emit('close')
    }

    const socket: DriverSocket = Object.assign(new EventEmitter(), {
      host: 'this page',
      readyState: 'open',
      pause() {},
      resume() {},
      write(chunk: Uint8Array, done?: () => void) {
        const bytes = Uint8Array.from(chunk) // the driver uses its buffer again
        workCount += 1
        work = work
          .then(() => send(bytes))
          .then(
            () => done?.(),
            (error) => void (isOpen && socket.emit('error', error)),
          )
          .finally(() => {
            workCount -= 1
          })
        return true
      },
      end() {
        work = work.then(close)
      },
      destroy() {
        work = work.then(close)
      },
    })
    sockets.add(socket)
    return socket
  }

  return { open, openCount: () => sockets.size, workCount: () => workCount }
}

/** Who has the session, and who waits for it. */
function lineForSession() {
  const waiting: { socket: DriverSocket; go: () => void }[] = []
  let owner: DriverSocket | undefined

  function take(socket: DriverSocket): Promise<void> {
    if (owner === undefined || owner === socket) {
      owner = socket
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const entry = {
        socket,
        go() {
          clearTimeout(limit)
          resolve()
        },
      }
      const limit = setTimeout(() => {
        waiting.splice(waiting.indexOf(entry), 1)
        reject(
          new Error(
            'Two connections wait for each other. The database of this page has one session: run this lesson on a server.',
          ),
        )
      }, patience)
      waiting.push(entry)
    })
  }

  function give(socket: DriverSocket): void {
    if (owner !== socket) return
    const next = waiting.shift()
    owner = next?.socket
    next?.go()
  }

  return { take, give, isTakenBy: (socket: DriverSocket) => owner === socket }
}

/** The messages about NOTIFY in an answer: they are for everybody who listens. */
function* notifications(answer: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(answer.buffer, answer.byteOffset, answer.byteLength)
  for (let at = 0; at < answer.length; ) {
    const end = at + 1 + view.getInt32(at + 1)
    if (answer[at] === notification) yield answer.slice(at, end)
    at = end
  }
}

/** Whether an answer ends with "ready for query, and in no transaction". */
const isIdle = (answer: Uint8Array) => answer.at(-6) === readyForQuery && answer.at(-1) === idle
