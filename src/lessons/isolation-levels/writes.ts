/** Anomalies between transactions that write the same rows. */
import { sql } from 'drizzle-orm'
import { type Anomaly, begin, commit, read, readAll, remove, stock, write } from './steps.ts'

/** G0, dirty write: of two transactions that write the same two rows, each wins one. */
export const dirtyWrite: Anomaly = {
  name: 'G0',
  async happens({ ada, grace, level, untilGraceWaits }) {
    await begin(level, ada, grace)
    await write(ada, 1, 11)
    const graceWrites = write(grace, 1, 12)
    await untilGraceWaits()
    await write(ada, 2, 21)
    await commit(ada)
    await graceWrites
    await write(grace, 2, 22)
    await commit(grace)
    const [one, two] = await readAll(ada)
    return (one?.pieces === 11) !== (two?.pieces === 21)
  },
}

/** P4, lost update: both add one piece to what they have read, and one piece is missing. */
export const lostUpdate: Anomaly = {
  name: 'P4',
  async happens({ ada, grace, level, untilGraceWaits }) {
    await begin(level, ada, grace)
    const adaSaw = (await read(ada, 1)) ?? 0
    const graceSaw = (await read(grace, 1)) ?? 0
    await write(ada, 1, adaSaw + 1)
    const graceWrites = write(grace, 1, graceSaw + 1)
    await untilGraceWaits()
    await commit(ada)
    await graceWrites
    await commit(grace)
    return (await read(ada, 1)) !== 12
  },
}

/** OTV, observed transaction vanishes: Alan sees one of Grace's writes without the other one. */
export const vanishing: Anomaly = {
  name: 'OTV',
  async happens({ ada, grace, alan, level, untilGraceWaits }) {
    await begin(level, ada, grace, alan)
    await write(ada, 1, 11)
    await write(ada, 2, 19)
    const graceWrites = write(grace, 1, 12)
    await untilGraceWaits()
    await commit(ada)
    const one = await read(alan, 1)
    await graceWrites
    await write(grace, 2, 18)
    const two = await read(alan, 2)
    await commit(grace)
    const twoLater = await read(alan, 2)
    const oneLater = await read(alan, 1)
    await commit(alan)
    return (one === 12) !== (two === 18) || (oneLater === 12) !== (twoLater === 18)
  },
}

/** PMP for a write: Grace deletes what has 20 pieces, and something with 20 pieces is left. */
export const missedByWrite: Anomaly = {
  name: 'PMP-write',
  async happens({ ada, grace, level, untilGraceWaits }) {
    await begin(level, ada, grace)
    const twenty = sql`${stock.pieces} = 20`
    await ada.update(stock).set({ pieces: sql`${stock.pieces} + 10` })
    await readAll(grace, twenty)
    const graceRemoves = remove(grace, twenty)
    await untilGraceWaits()
    await commit(ada)
    await graceRemoves
    const left = await readAll(grace, twenty)
    await commit(grace)
    return left.length > 0
  },
}
