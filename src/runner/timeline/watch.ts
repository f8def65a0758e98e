/**
 * Watches every PostgreSQL connection of this process at its socket. It records what was really sent and received; the
 * lesson and the driver do not notice.
 */
import net from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import tls from 'node:tls'
import { isEncryptionRequest, messageReader } from './protocol.ts'
import { type LaneRecord, type Statement, Timeline } from './record.ts'

/** What the server says of a process. */
export interface Activity {
  /** The processes whose locks it waits for. */
  blockers: number[]
  /** Whether it waits for something else: a time, a reader, another process. */
  isWaiting: boolean
}

/** Asks the server what these processes do. Processes that it does not know are not in the answer. */
export type AskActivity = (processes: number[]) => Promise<Map<number, Activity>>

const patience = 1000 // milliseconds: for so long, a statement waits for another session's one to settle

/**
 * Begins to watch. Connections that are there already are left alone.
 *
 * While another session's statement is unanswered, nothing is sent before that one has been answered or the server says
 * that it waits. So the record does not depend on the machine's speed.
 *
 * @param ask asks over a connection that is not watched.
 * @returns the record, which grows as long as the process runs.
 */
export function watchConnections(ask: AskActivity): Timeline {
  const timeline = new Timeline()
  const watcher = new Watcher(timeline, ask)
  lookNowAndThen(watcher)
  const { connect } = net.Socket.prototype
  net.Socket.prototype.connect = function (this: net.Socket, ...target: unknown[]) {
    const socket = Reflect.apply(connect, this, target)
    watch(this, watcher) // only now: connect() gives the socket the usual `write`
    return socket
  }
  const { connect: encrypt } = tls
  tls.connect = (...options: unknown[]) => {
    const socket: tls.TLSSocket = Reflect.apply(encrypt, tls, options)
    watch(socket, watcher)
    return socket
  }
  return timeline
}

class Watcher {
  readonly timeline: Timeline
  private readonly ask: AskActivity
  private turn = Promise.resolve()
  private held = 0

  constructor(timeline: Timeline, ask: AskActivity) {
    this.timeline = timeline
    this.ask = ask
  }

  /** Sends at once, or in its turn: what all connections send keeps its order. */
  sendInTurn(record: LaneRecord | undefined, send: () => void): void {
    const beside = record ? this.timeline.runningBeside(record.lane) : []
    const isFree = this.held === 0 && beside.length === 0 && !record?.isFailing()
    // What goes on with a statement that has been begun has had its turn.
    if (isFree || record?.isPreparing()) {
      send()
      return
    }
    this.held++
    this.turn = this.turn
      .then(() => this.settled(record))
      .catch(() => {}) // what cannot be asked is not told, but the lesson goes on
      .then(() => {
        this.held--
        send()
      })
  }

  /** Returns once each statement beside this lane's is answered, or waits, or has taken too long. */
  private async settled(record: LaneRecord | undefined): Promise<void> {
    const end = Date.now() + patience
    while (Date.now() < end) {
      const busy = await this.stillBusy(this.timeline.runningBeside(record?.lane))
      if (busy.length === 0 && !record?.isFailing()) return
      await pause(1)
    }
  }

  /** Marks those of the statements that wait for a lock, and returns those that wait for nothing. */
  async stillBusy(statements: Statement[]): Promise<Statement[]> {
    const unprepared = statements.filter(({ isExecuted }) => !isExecuted)
    const open = statements.filter(({ lane, isExecuted }) => lane.process && isExecuted)
    if (open.length === 0) return unprepared
    const activities = await this.ask(open.map(({ lane }) => lane.process))
    const busy = open.filter((statement) => {
      const activity = activities.get(statement.lane.process)
      if (!activity) return false // another server's
      const isBlocked = activity.blockers.length > 0
      if (isBlocked) this.timeline.markWaiting(statement, activity.blockers)
      return statement.answer === undefined && !isBlocked && !activity.isWaiting
    })
    return [...unprepared, ...busy]
  }
}

// In a deadlock nothing more is sent: whoever waits is found by looking again.
function lookNowAndThen(watcher: Watcher): void {
  let before: Statement[] = []
  const look = () => {
    const running = watcher.timeline.runningBeside(undefined)
    // The end of the run may close the connection that asks.
    watcher.stillBusy(running.filter((statement) => before.includes(statement))).catch(() => {})
    before = running
  }
  setInterval(look, 50).unref() // milliseconds
}

function watch(socket: net.Socket, watcher: Watcher): void {
  const { timeline } = watcher
  const read = messageReader({ startsUntyped: true })
  const hear = messageReader()
  let record: LaneRecord | undefined
  let wantsEncryption = false

  const write = socket.write.bind(socket)
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
  socket.write = (data: Uint8Array | string, ...rest: unknown[]) => {
    const chunk = Buffer.from(data)
    watcher.sendInTurn(record, () => {
      reading(() => note(chunk))
      Reflect.apply(write, socket, [chunk, ...rest])
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
