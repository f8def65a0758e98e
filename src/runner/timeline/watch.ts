/**
 * Watches every PostgreSQL connection of this process at its socket. It records what was really sent and received; the
 * lesson and the driver do not notice.
 */
import net from 'node:net'
import tls from 'node:tls'
import { isEncryptionRequest, messageReader } from './protocol.ts'
import { type LaneRecord, type Statement, Timeline } from './record.ts'

/** Tells for server processes which others they wait for: what `pg_blocking_pids` says. */
export type AskWhoBlocks = (processes: number[]) => Promise<Map<number, number[]>>

/**
 * Begins to watch. Connections that are there already are left alone.
 *
 * Before it sends a statement while another session's is unanswered, it asks the server whether that one is blocked. So
 * the record does not depend on the machine's speed.
 *
 * @param askWhoBlocks asks over a connection that is not watched.
 * @returns the record, which grows as long as the process runs.
 */
export function watchConnections(askWhoBlocks: AskWhoBlocks): Timeline {
  const timeline = new Timeline()
  const markWaiting = async (statements: Statement[]) => {
    const open = statements.filter(({ lane, waitsFor }) => lane.process && waitsFor.length === 0)
    if (open.length === 0) return
    const blocked = await askWhoBlocks(open.map(({ lane }) => lane.process))
    for (const statement of open)
      timeline.markWaiting(statement, blocked.get(statement.lane.process) ?? [])
  }
  lookNowAndThen(timeline, markWaiting)
  const { connect } = net.Socket.prototype
  net.Socket.prototype.connect = function (this: net.Socket, ...target: unknown[]) {
    const socket = Reflect.apply(connect, this, target)
    watch(this, timeline, markWaiting) // only now: connect() gives the socket the usual `write`
    return socket
  }
  const { connect: encrypt } = tls
  tls.connect = (...options: unknown[]) => {
    const socket: tls.TLSSocket = Reflect.apply(encrypt, tls, options)
    watch(socket, timeline, markWaiting)
    return socket
  }
  return timeline
}

type MarkWaiting = (statements: Statement[]) => Promise<void>

// In a deadlock nothing more is sent: whoever waits is found by looking again.
function lookNowAndThen(timeline: Timeline, markWaiting: MarkWaiting): void {
  let before: Statement[] = []
  const look = () => {
    const running = timeline.runningBeside(undefined)
    // The end of the run may close the connection that asks.
    markWaiting(running.filter((statement) => before.includes(statement))).catch(() => {})
    before = running
  }
  setInterval(look, 50).unref() // milliseconds
}

function watch(socket: net.Socket, timeline: Timeline, markWaiting: MarkWaiting): void {
  const read = messageReader({ startsUntyped: true })
  const hear = messageReader()
  let record: LaneRecord | undefined
  let wantsEncryption = false

  const write = socket.write.bind(socket)
  let turn = Promise.resolve()
  let held = 0
  let isReadable = true
  // The connection goes on as it would; only the record of it ends.
  const reading = (work: () => void) => {
    if (!isReadable) return
    try {
      work()
    } catch {
      isReadable = false
      record?.garbled()
    }
  }
  const note = (chunk: Buffer) => {
    for (const message of read(chunk)) {
      wantsEncryption = message.type === '' && isEncryptionRequest(message.body)
      if (wantsEncryption) continue
      record ??= timeline.addLane()
      record.sent(message)
    }
  }
  const send = (chunk: Buffer, ...rest: unknown[]) => {
    reading(() => note(chunk))
    return Reflect.apply(write, socket, [chunk, ...rest])
  }

  // What is held back keeps its order: as long as something is held, all that follows is held as well.
  socket.write = (data: Uint8Array | string, ...rest: unknown[]) => {
    const chunk = Buffer.from(data)
    const beside = record ? timeline.runningBeside(record.lane) : []
    if (held === 0 && beside.length === 0) return send(chunk, ...rest)
    held++
    turn = turn
      .then(() => markWaiting(timeline.runningBeside(record?.lane)))
      .catch(() => {}) // what cannot be asked is not told, but the lesson goes on
      .then(() => {
        held--
        send(chunk, ...rest)
      })
    return true
  }

  socket.on('data', (chunk: Buffer) => {
    // The one byte that answers a request for encryption is no message.
    if (wantsEncryption) wantsEncryption = false
    else reading(() => hear(chunk).forEach((message) => void record?.answered(message)))
  })
  // If the client ended the connection, it is not a loss.
  let isLost = false
  socket.prependListener('end', () => {
    isLost = !socket.writableEnded
  })
  socket.on('error', () => {
    isLost = true
  })
  socket.on('close', () => isLost && record?.lost())
}
