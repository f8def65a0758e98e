/** What the connections of a run sent and were answered, in the order in which it happened. */
import {
  bound,
  cancelledProcess,
  errorCodeOf,
  isEncryptionRequest,
  type Message,
  parsed,
  rowOf,
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
  /** Whether the server has ever said that it takes statements. */
  isReady: boolean
  /** Whether it is in a transaction, by the server's last word. */
  isInTransaction: boolean
  /** How often it has ended what it was at, and was free for anybody. */
  releases: number
}

/** A statement that was sent. */
export interface Statement {
  lane: Lane
  text: string
  values: (string | null)[]
  /** The first rows that came back, as text. */
  rows: string[]
  /** How it ended: its rows, their count, or the code of the error. Nothing while it runs. */
  answer?: string
  isFailed: boolean
  /** Whether it was sent to be run, and not only to be prepared. */
  isExecuted: boolean
  /** Whether the server is waiting for its data: COPY ... FROM STDIN. */
  takesData: boolean
  /** Whom it waited for, if it was seen to wait. None of them is a lane if it was another program. */
  waitsFor?: Lane[]
}

/** A query that its pool did not send at once. */
export interface Request {
  text: string
  /** Whether it stood in line for a connection. It did not if one was being made for it, or if it was its own that was busy. */
  isTold: boolean
}

/** Something to tell, in the order in which it happened. */
export type Event =
  | { kind: 'sent'; statement: Statement }
  | { kind: 'goes on'; statement: Statement }
  | { kind: 'note'; lane: Lane; text: string }
  | { kind: 'in line'; request: Request }
  /** `isBetween`: no session was in the middle of something. */
  | { kind: 'printed'; line: string; isBetween: boolean }

const ownName = 'learning-drizzle'
const shownRows = 4 // of more, and of rows that are wider together, only the count is told
const shownWidth = 40 // characters

// Queries of the driver (it listens again when its connection closes, even at the end), of untilWaiting and of
// createTables: not shown.
const lookUps =
  /^listen \?$|pg_catalog\.pg_type|wait_event_type = 'Lock'|select to_reg\w+\(|hashtext\('create-tables'\)/

/** A record of the connections of a run. */
export class Timeline {
  readonly events: Event[] = []
  readonly lanes: Lane[] = []

  addLane(): LaneRecord {
    const lane: Lane = {
      name: '',
      process: 0,
      open: [],
      isReady: false,
      isInTransaction: false,
      releases: 0,
    }
    this.lanes.push(lane)
    return new LaneRecord(this, lane)
  }

  /** The statements that are on their way, but for that of a lane. */
  runningBeside(lane: Lane | undefined): Statement[] {
    return this.lanes.flatMap((other) => {
      const next =
        other === lane ? undefined : other.open.find(({ answer }) => answer === undefined)
      return next && !next.takesData ? [next] : []
    })
  }

  /** Marks a statement as waiting for the lanes of these processes. */
  markWaiting(statement: Statement, processes: number[]): void {
    if (statement.answer !== undefined || statement.waitsFor) return
    statement.waitsFor = this.lanes.filter(({ process }) => processes.includes(process))
  }

  /** A statement that waited has its answer. */
  goesOn(statement: Statement): void {
    const { lane, waitsFor = [] } = statement
    // In a deadlock the loser's failure lets the other one go on, though the two may arrive in either order.
    const freed = this.events.findIndex(
      (event, i) =>
        statement.isFailed &&
        event.kind === 'goes on' &&
        event.statement.waitsFor?.includes(lane) &&
        waitsFor.includes(event.statement.lane) &&
        !this.hasSentSince(i, event.statement.lane),
    )
    this.events.splice(freed < 0 ? this.events.length : freed, 0, { kind: 'goes on', statement })
  }

  private hasSentSince(index: number, lane: Lane): boolean {
    return this.events
      .slice(index)
      .some((event) => event.kind === 'sent' && event.statement.lane === lane)
  }

  /** The lesson has printed this. */
  printed(text: string): void {
    const isBetween = this.lanes.every(({ open, isInTransaction }) => !isInTransaction && !open[0])
    for (const line of text.trimEnd().split('\n'))
      this.events.push({ kind: 'printed', line, isBetween })
  }

  /** A query has not been sent at once. Returns what to call when it gets the connection of this process. */
  stoodInLine(text: string): (process: number) => void {
    const request: Request = { text: oneLine(text), isTold: !lookUps.test(text) }
    this.events.push({ kind: 'in line', request })
    const ready = this.lanes.filter(({ isReady }) => isReady)
    const releases = new Map(ready.map((lane) => [lane, lane.releases]))
    return (process) => {
      const lane = this.lanes.find((lane) => lane.process === process)
      const before = lane ? releases.get(lane) : undefined
      request.isTold &&= lane !== undefined && before !== undefined && lane.releases > before
    }
  }
}

/** Takes down what one connection says and hears. */
export class LaneRecord {
  readonly lane: Lane
  private readonly timeline: Timeline
  private readonly prepared = new Map<string, string>()
  private isToCancel = false
  private unbound: Statement | undefined
  private boundTo: Statement | undefined

  constructor(timeline: Timeline, lane: Lane) {
    this.timeline = timeline
    this.lane = lane
  }

  /** A message of the client. */
  sent({ type, body }: Message): void {
    if (type === '') this.begin(body)
    else if (type === 'Q') this.execute(this.add(texts(body)[0] ?? ''))
    else if (type === 'P') this.prepare(body)
    else if (type === 'B') this.bind(body)
    else if (type === 'E') this.executeBound()
  }

  /** A message of the server. */
  answered({ type, body }: Message): void {
    const [statement] = this.lane.open
    if (type === 'K') this.lane.process = body.readInt32BE(0)
    else if (type === 'A') this.hear(body)
    else if (type === 'D' && statement && statement.rows.length < shownRows)
      statement.rows.push(rowOf(body))
    else if (type === 'C' && statement)
      this.answer(statement, told(texts(body)[0] ?? '', statement))
    else if (type === 'G' && statement) statement.takesData = true
    else if (type === 'I' && statement) this.answer(statement, 'nothing')
    else if (type === 's' && statement) this.pause(statement)
    else if (type === 'E') this.fail(statement, errorCodeOf(body))
    else if (type === 'Z') this.ready(String.fromCharCode(body[0] ?? 0))
  }

  /** Whether a statement is being prepared: it has been sent, and the server has not been told to run it. */
  isPreparing(): boolean {
    return this.lane.open.some(({ isExecuted }) => !isExecuted)
  }

  /** Whether the server has sent an error and is still undoing what failed: its locks go only after that. */
  isFailing(): boolean {
    return this.lane.open[0]?.isFailed === true
  }

  /** Something came that is no message of PostgreSQL's. */
  garbled(): void {
    this.note('what follows is not PostgreSQL’s protocol')
  }

  /** The connection has gone, and not because the client ended it. */
  lost(): void {
    if (!this.isToCancel) this.note('the connection is lost')
    this.lane.open = []
    this.lane.isInTransaction = false
  }

  private begin(body: Buffer): void {
    const cancelled = cancelledProcess(body)
    if (cancelled !== undefined) {
      this.isToCancel = true
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
    this.unbound = this.add(statement)
  }

  private bind(body: Buffer): void {
    const { name, values } = bound(body)
    this.boundTo = this.unbound ?? this.add(this.prepared.get(name) ?? `(${name})`)
    this.boundTo.values = values
    this.unbound = undefined
  }

  // A second Execute of one Bind asks a cursor for more.
  private executeBound(): void {
    this.execute(this.boundTo ?? this.add('(more rows)'))
    this.boundTo = undefined
  }

  private add(text: string): Statement {
    const statement: Statement = {
      lane: this.lane,
      text: oneLine(text),
      values: [],
      rows: [],
      isFailed: false,
      isExecuted: false,
      takesData: false,
    }
    this.lane.open.push(statement)
    return statement
  }

  private execute(statement: Statement): void {
    statement.isExecuted = true
    if (!lookUps.test(statement.text)) this.timeline.events.push({ kind: 'sent', statement })
  }

  private answer(statement: Statement, answer: string): void {
    // Of several statements in one text, only the first wait and the last answer are told.
    if (statement.answer === undefined && statement.waitsFor) this.timeline.goesOn(statement)
    statement.answer = answer
  }

  // A cursor has more: its next rows are asked for by another Execute.
  private pause(statement: Statement): void {
    this.answer(statement, 'some rows')
    this.lane.open.shift()
  }

  private fail(statement: Statement | undefined, code: string): void {
    if (statement) {
      if (!statement.isExecuted) this.execute(statement) // it could not even be prepared
      statement.isFailed = true
      this.answer(statement, code)
    } else this.note(code)
    this.unbound = undefined
  }

  private ready(status: string): void {
    this.lane.isReady = true
    this.lane.isInTransaction = status !== 'I'
    if (status === 'I') this.lane.releases++
    const [statement] = this.lane.open
    const isOver = statement?.answer !== undefined || statement?.isExecuted === false
    if (isOver) this.lane.open.shift()
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

/** `SELECT 3` as its rows or as `3 rows`, `COMMIT` as nothing: the statement itself says it. */
function told(tag: string, { text, rows }: Statement): string {
  const [, count] = /^(?:SELECT|INSERT 0|UPDATE|DELETE|MERGE|COPY|FETCH) (\d+)$/.exec(tag) ?? []
  // A commit after an error is answered by ROLLBACK.
  if (count === undefined) return tag === 'ROLLBACK' && text === 'commit' ? 'rolled back' : ''
  const shown = rows.join(', ')
  const isShort = shown.length <= shownWidth && !/\n|\d:\d\d:\d\d/.test(shown)
  if (rows.length > 0 && rows.length === Number(count) && isShort) return shown
  return `${count} row${count === '1' ? '' : 's'}`
}
