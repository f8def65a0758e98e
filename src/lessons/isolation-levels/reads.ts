/** Anomalies of a transaction that reads while another one writes. */
import { sql } from 'drizzle-orm'
import { type Anomaly, add, begin, commit, read, readAll, rollback, stock, write } from './steps.ts'

/** G1a, aborted read, a dirty read: Grace sees what Ada takes back. */
export const abortedRead: Anomaly = {
  name: 'G1a',
  async happens({ ada, grace, level }) {
    await begin(level, ada, grace)
    await write(ada, 1, 101)
    const graceSaw = await read(grace, 1)
    await rollback(ada)
    await commit(grace)
    return graceSaw === 101
  },
}

/** G1b, intermediate read: Grace sees a value that Ada changes again before she commits. */
export const intermediateRead: Anomaly = {
  name: 'G1b',
  async happens({ ada, grace, level }) {
    await begin(level, ada, grace)
    await write(ada, 1, 101)
    const graceSaw = await read(grace, 1)
    await write(ada, 1, 11)
    await commit(ada)
    await commit(grace)
    return graceSaw === 101
  },
}

/** G1c, circular information flow: each sees what the other one has not committed yet. */
export const circularFlow: Anomaly = {
  name: 'G1c',
  async happens({ ada, grace, level }) {
    await begin(level, ada, grace)
    await write(ada, 1, 11)
    await write(grace, 2, 22)
    const adaSaw = await read(ada, 2)
    const graceSaw = await read(grace, 1)
    await commit(ada)
    await commit(grace)
    return adaSaw === 22 && graceSaw === 11
  },
}

/** G-single, read skew: Ada sees item 1 from before Grace's work, and item 2 from after it. */
export const readSkew: Anomaly = {
  name: 'G-single',
  async happens({ ada, grace, level }) {
    await begin(level, ada, grace)
    const one = await read(ada, 1)
    await write(grace, 1, 12)
    await write(grace, 2, 18)
    await commit(grace)
    const two = await read(ada, 2)
    await commit(ada)
    return one === 10 && two === 18
  },
}

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
