/** Transactions that write different rows, after each has read what the other writes. */
import { sql } from 'drizzle-orm'
import { type Anomaly, add, begin, commit, readAll, stock, write } from './steps.ts'

/**
 * G2-item: each reads both items, and writes the one that the other does not write. In no order
 * would both have read what they did.
 */
export const crossedItems: Anomaly = {
  name: 'G2-item',
  async happens({ ada, grace, level }) {
    await begin(level, ada, grace)
    await readAll(ada)
    await readAll(grace)
    await write(ada, 1, 11)
    await write(grace, 2, 21)
    await commit(ada)
    await commit(grace)
    return true
  },
}

/** Write skew: something must be left, and each sees that it will be. Together they take all. */
export const writeSkew: Anomaly = {
  name: 'write skew',
  async happens({ ada, grace, level }) {
    await begin(level, ada, grace)
    const adaSaw = await piecesSeen(readAll(ada))
    const graceSaw = await piecesSeen(readAll(grace))
    if (adaSaw > 10) await write(ada, 1, 0)
    if (graceSaw > 20) await write(grace, 2, 0)
    await commit(ada)
    await commit(grace)
    return (await piecesSeen(readAll(ada))) === 0
  },
}

const piecesSeen = async (rows: ReturnType<typeof readAll>) =>
  (await rows).reduce((sum, { pieces }) => sum + pieces, 0)

/** G2: the same as G2-item with a condition. Each finds no such item, and adds one. */
export const crossedConditions: Anomaly = {
  name: 'G2',
  async happens({ ada, grace, level }) {
    await begin(level, ada, grace)
    const inThrees = sql`${stock.pieces} % 3 = 0`
    await readAll(ada, inThrees)
    await readAll(grace, inThrees)
    await add(ada, 3, 30)
    await add(grace, 4, 42)
    await commit(ada)
    await commit(grace)
    return (await readAll(ada, inThrees)).length === 2
  },
}

/**
 * Read-only anomaly: Alan, who only reads, sees Grace's work and not Ada's. So Grace came first.
 * But Ada had read what was there before Grace's work. Without Alan, Ada would simply have come
 * first.
 */
export const readOnly: Anomaly = {
  name: 'read-only',
  async happens({ ada, grace, alan, level }) {
    await begin(level, ada, grace, alan)
    const adaSaw = await readAll(ada)
    await write(grace, 2, 25)
    await commit(grace)
    const alanSaw = await readAll(alan)
    await commit(alan)
    await write(ada, 1, 0)
    await commit(ada)
    return adaSaw[1]?.pieces === 20 && alanSaw[0]?.pieces === 10 && alanSaw[1]?.pieces === 25
  },
}
