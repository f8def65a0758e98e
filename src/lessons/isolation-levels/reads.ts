/** Anomalies of a transaction that reads while another one writes. */
import { type Anomaly, begin, commit, read, rollback, write } from './steps.ts'

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
