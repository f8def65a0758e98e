/**
 * Watches every connection that this process makes to PostgreSQL, at its socket: what is told is what was really sent and
 * answered, and neither the lesson nor the driver knows of it.
 */
import net from 'node:net'
import tls from 'node:tls'
import { isEncryptionRequest, messageReader } from './protocol.ts'
import { type LaneRecord, Timeline } from './record.ts'

/** Tells for server processes which others they wait for: what `pg_blocking_pids` says. */
export type AskWhoBlocks = (processes: number[]) => Promise<Map<number, number[]>>

/**
 * Begins to watch. Connections that are there already are left alone.
 *
 * Before a statement is sent while another session's has no answer yet, the server is asked whether that one waits: so
 * that what is told does not depend on how quick the machine is.
 *
 * @param askWhoBlocks asks over a connection that is not watched.
 * @returns the record, which grows as long as the process runs.
 */
export function watchConnections(askWhoBlocks: AskWhoBlocks): Timeline {
  const timeline = new Timeline()
  const { connect } = net.Socket.prototype
  net.Socket.prototype.connect = function (this: net.Socket, ...target: unknown[]) {
    const socket = Reflect.apply(connect, this, target)
    watch(this, timeline, askWhoBlocks) // only now: connect() gives the socket the usual `write`
    return socket
  }
  const { connect: encrypt } = tls
  tls.connect = (...options: unknown[]) => {
    const socket: tls.TLSSocket = Reflect.apply(encrypt, tls, options)
    watch(socket, timeline, askWhoBlocks)
    return socket
  }
  return timeline
}

function watch(socket: net.Socket, timeline: Timeline, askWhoBlocks: AskWhoBlocks): void {
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
    turn = turn.then(async () => {
      await markWaiting()
      held--
      send(chunk, ...rest)
    })
    return true
  }

  async function markWaiting(): Promise<void> {
    const running = record ? timeline.runningBeside(record.lane) : []
    const open = running.filter(({ lane, waitsFor }) => lane.process > 0 && waitsFor.length === 0)
    if (open.length === 0) return
    const blocked = await askWhoBlocks(open.map(({ lane }) => lane.process))
    for (const statement of open)
      timeline.markWaiting(statement, blocked.get(statement.lane.process) ?? [])
  }

  socket.on('data', (chunk: Buffer) => {
    // The one byte that answers a request for encryption is no message.
    if (wantsEncryption) wantsEncryption = false
    else reading(() => hear(chunk).forEach((message) => void record?.answered(message)))
  })
  // Whoever of the two ends it first: what the client ends is no loss.
  let isLost = false
  socket.prependListener('end', () => {
    isLost = !socket.writableEnded
  })
  socket.on('error', () => {
    isLost = true
  })
  socket.on('close', () => isLost && record?.lost())
}
