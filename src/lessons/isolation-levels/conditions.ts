/** Anomalies of a transaction that asks by a condition while another one adds a row. */
import { sql } from 'drizzle-orm'
import { type Anomaly, add, begin, commit, readAll, stock } from './steps.ts'

/** PMP, predicate-many-preceders: a second condition finds an item that the first one missed. */
export const missedByRead: Anomaly = {
  name: 'PMP',
  async happens({ ada, grace, level }) {
    await begin(level, ada, grace)
    await readAll(ada, sql`${stock.pieces} = 30`)
    await add(grace, 3, 30)
    await commit(grace)
    const found = await readAll(ada, sql`${stock.pieces} % 3 = 0`)
    await commit(ada)
    return found.length > 0
  },
}

/** Phantom: the same condition, asked twice, finds a different number of rows. */
export const phantom: Anomaly = {
  name: 'phantom',
  async happens({ ada, grace, level }) {
    await begin(level, ada, grace)
    const plenty = sql`${stock.pieces} > 15`
    const before = await readAll(ada, plenty)
    await add(grace, 3, 30)
    await commit(grace)
    const after = await readAll(ada, plenty)
    await commit(ada)
    return after.length !== before.length
  },
}
