/** What the connections of a run sent and were answered, in the order in which it happened. */
import {
  bound,
  cancelledProcess,
  errorCodeOf,
  isEncryptionRequest,
  type Message,
  parsed,
  startupSettings,
  texts,
} from './protocol.ts'

/** A connection. */
export interface Lane {
  /** What the connection calls itself by `application_name`, if that is its own name. */
  name: string
  /** The process of the server that serves it; 0 until the server has told it. */
  process: number
  /** Statements sent but not yet completed, in order. */
  open: Statement[]
  /** Whether it is in a transaction, by the server's last word. */
  isInTransaction: boolean
}

/** A statement that was sent. */
export interface Statement {
  lane: Lane
  text: string
  values: (string | null)[]
  /** How it ended: the count of rows, the command, or the code of the error. Nothing while it runs. */
  answer?: string
  /** Whom it waited for, if it was seen to wait. */
  waitsFor: Lane[]
}

/** Something to tell, in the order in which it happened. */
export type Event =
  | { kind: 'sent'; statement: Statement }
  | { kind: 'goes on'; statement: Statement }
  | { kind: 'note'; lane: Lane; text: string }

const ownName = 'learning-drizzle'

// Queries of the driver, of untilWaiting and of createTables: not shown.
const lookUps =
  /pg_catalog\.pg_type|wait_event_type = 'Lock'|select to_reg\w+\(|hashtext\('create-tables'\)/

/** A record of the connections of a run. */
export class Timeline {
  readonly events: Event[] = []
  readonly lanes: Lane[] = []

  addLane(): LaneRecord {
    const lane: Lane = { name: '', process: 0, open: [], isInTransaction: false }
    this.lanes.push(lane)
    return new LaneRecord(this, lane)
  }

  /** The statements that have no answer yet, but for those of a lane. */
  runningBeside(lane: Lane | undefined): Statement[] {
    return this.lanes.flatMap((other) =>
      other === lane ? [] : other.open.filter(({ answer }) => answer === undefined).slice(0, 1),
    )
  }

  /** Marks a statement as waiting for the lanes of these processes. */
  markWaiting(statement: Statement, processes: number[]): void {
    if (statement.answer !== undefined) return
    statement.waitsFor = this.lanes.filter(({ process }) => processes.includes(process))
  }
}

/** Takes down what one connection says and hears. */
export class LaneRecord {
  readonly lane: Lane
  private readonly timeline: Timeline
  private readonly prepared = new Map<string, string>()
  private unbound: Statement | undefined

  constructor(timeline: Timeline, lane: Lane) {
    this.timeline = timeline
    this.lane = lane
  }

  /** A message of the client. */
  sent({ type, body }: Message): void {
    if (type === '') this.begin(body)
    else if (type === 'Q') this.send(texts(body)[0] ?? '')
    else if (type === 'P') this.prepare(body)
    else if (type === 'B') this.bind(body)
    else if (type === 'E') this.execute()
  }

  /** A message of the server. */
  answered({ type, body }: Message): void {
    const [statement] = this.lane.open
    if (type === 'K') this.lane.process = body.readInt32BE(0)
    else if (type === 'A') this.hear(body)
    else if (type === 'C' && statement)
      this.answer(statement, told(texts(body)[0] ?? '', statement.text))
    else if (type === 'I' && statement) this.answer(statement, 'nothing')
    else if (type === 's' && statement) this.pause(statement)
    else if (type === 'E') this.fail(statement, errorCodeOf(body))
    else if (type === 'Z') this.ready(String.fromCharCode(body[0] ?? 0))
  }

  /** Something came that is no message of PostgreSQL's. */
  garbled(): void {
    this.note('what follows is not PostgreSQL’s protocol')
  }

  /** The connection has gone, and not because the client ended it. */
  lost(): void {
    this.note('the connection is lost')
    this.lane.open = []
  }

  private begin(body: Buffer): void {
    const cancelled = cancelledProcess(body)
    if (cancelled !== undefined) {
      const lane = this.timeline.lanes.find(({ process }) => process === cancelled)
      if (lane) this.timeline.events.push({ kind: 'note', lane, text: 'cancel' })
    } else if (!isEncryptionRequest(body)) {
      const name = startupSettings(body).get('application_name') ?? ''
      this.lane.name = name === ownName ? '' : name
    }
  }

  private prepare(body: Buffer): void {
    const { name, statement } = parsed(body)
    this.prepared.set(name, statement)
    this.unbound = this.send(statement)
  }

  private bind(body: Buffer): void {
    const { name, values } = bound(body)
    const statement = this.unbound ?? this.send(this.prepared.get(name) ?? `(${name})`)
    this.unbound = undefined
    statement.values = values
    this.isBound = true
  }

  private isBound = false

  // A second Execute of one Bind asks a cursor for more.
  private execute(): void {
    if (!this.isBound) this.send('(more rows)')
    this.isBound = false
  }

  private send(text: string): Statement {
    const statement: Statement = { lane: this.lane, text: oneLine(text), values: [], waitsFor: [] }
    this.lane.open.push(statement)
    if (!lookUps.test(text)) this.timeline.events.push({ kind: 'sent', statement })
    return statement
  }

  private answer(statement: Statement, answer: string): void {
    // Of several statements in one text, only the first wait and the last answer are told.
    if (statement.answer === undefined && statement.waitsFor.length > 0)
      this.timeline.events.push({ kind: 'goes on', statement })
    statement.answer = answer
  }

  // A cursor has more: its next rows are asked for by another Execute.
  private pause(statement: Statement): void {
    this.answer(statement, 'some rows')
    this.lane.open.shift()
  }

  private fail(statement: Statement | undefined, code: string): void {
    if (statement) this.answer(statement, code)
    else this.note(code)
    this.unbound = undefined
  }

  private ready(status: string): void {
    this.lane.isInTransaction = status !== 'I'
    if (this.lane.open[0]?.answer !== undefined) this.lane.open.shift()
  }

  private hear(body: Buffer): void {
    const [channel = '', payload = ''] = texts(body, 4)
    this.note(`hears ${channel}${payload && `: ${payload}`}`)
  }

  private note(text: string): void {
    this.timeline.events.push({ kind: 'note', lane: this.lane, text })
  }
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim()

/** `SELECT 3` as `3 rows`, `COPY 3` as `3 rows`, `COMMIT` as nothing: the statement itself says it. */
function told(tag: string, text: string): string {
  const [, count] = /^(?:SELECT|INSERT 0|UPDATE|DELETE|MERGE|COPY|FETCH) (\d+)$/.exec(tag) ?? []
  // A commit after an error is answered by ROLLBACK.
  if (count === undefined) return tag === 'ROLLBACK' && text === 'commit' ? 'rolled back' : ''
  return `${count} row${count === '1' ? '' : 's'}`
}
