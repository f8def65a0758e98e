/** What a run did, as a timeline: its statements, what it printed, and who waited for whom. */
import type { ReservedSql } from 'postgres'
import { drawn } from './draw.ts'
import type { Timeline } from './record.ts'
import { type Activity, watchConnections } from './watch.ts'

/**
 * Begins to record this process.
 *
 * @param connection asks the server who waits; it is not in the record.
 * @returns a function that draws the timeline so far, as lines of text.
 */
export function timelineOf(connection: ReservedSql): () => string[] {
  const timeline = watchConnections(async (processes) => {
    const rows = await connection<({ pid: number } & Activity)[]>`
      select pid, pg_blocking_pids(pid) || pg_safe_snapshot_blocking_pids(pid) as blockers, state = 'active' and
        (wait_event_type in ('Timeout', 'IPC', 'Extension') or wait_event = 'ClientWrite') as "isWaiting"
      from pg_stat_activity where pid = any(${processes}::int[])`
    return new Map(rows.map(({ pid, ...activity }) => [pid, activity]))
  })
  watchPrints(timeline)
  watchPools(timeline, connection)
  return () => drawn(timeline)
}

function watchPrints(timeline: Timeline): void {
  const { stdout } = process
  const write = stdout.write.bind(stdout)
  stdout.write = (text: string | Uint8Array, ...rest: unknown[]) => {
    timeline.printed(Buffer.from(text).toString())
    return Reflect.apply(write, stdout, [text, ...rest])
  }
}

/** What postgres.js 3.4 keeps in a query and does not declare. */
interface Query {
  strings: string[]
  executed: boolean
  /** The connection's process at the server, from the moment it has a connection. */
  state?: { pid: number }
  /** Gives the query to a free connection, or puts it in line. */
  handle: () => Promise<void>
}

// The wire does not tell that a query stands in line for a connection: it is the driver that makes it wait.
function watchPools(timeline: Timeline, connection: ReservedSql): void {
  const prototype: Query = Object.getPrototypeOf(connection`select 1`)
  const { handle } = prototype
  prototype.handle = async function () {
    const isFirst = !this.executed
    await Reflect.apply(handle, this, [])
    if (!isFirst || this.state) return
    const gotConnection = timeline.stoodInLine(this.strings.join('?'))
    let state: Query['state']
    Object.defineProperty(this, 'state', {
      get: () => state,
      set(value: Query['state']) {
        state = value
        if (value) gotConnection(value.pid)
      },
    })
  }
}
