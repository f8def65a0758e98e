import { sql } from 'drizzle-orm'
import type { Database } from '../../db/pool.ts'

/**
 * Returns as soon as so many connections to this database wait for a lock. This is how a lesson lets one
 * transaction run into another one at a certain point, every time.
 */
export async function untilWaiting(db: Database, connections = 1): Promise<void> {
  for (;;) {
    const [row] = await db.execute<{ waiting: number }>(sql`
      select count(*)::int as waiting from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`)
    if ((row?.waiting ?? 0) >= connections) return
  }
}
