/**
 * Which anomaly can happen at which isolation level? The standard says what a level has to prevent,
 * and a database may prevent more. This script tries each anomaly at each level.
 */
import { sql } from 'drizzle-orm'
import { createTables } from '../../db/create-tables.ts'
import { errorCode } from '../../db/error-code.ts'
import { openDatabase } from '../../db/pool.ts'
import { untilWaiting } from '../shared/until-waiting.ts'
import { missedByRead, phantom } from './conditions.ts'
import { crossedConditions, crossedItems, readOnly, writeSkew } from './cycles.ts'
import { abortedRead, circularFlow, intermediateRead, readSkew } from './reads.ts'
import { type Anomaly, rollback, type Stage, stock } from './steps.ts'
import { dirtyWrite, lostUpdate, missedByWrite, vanishing } from './writes.ts'

const anomalies = [
  ...[dirtyWrite, abortedRead, intermediateRead, circularFlow, vanishing],
  ...[missedByRead, missedByWrite, lostUpdate, readSkew, crossedItems, crossedConditions],
  ...[writeSkew, phantom, readOnly],
]
const levels = ['read uncommitted', 'read committed', 'repeatable read', 'serializable']

await using ada = openDatabase({ max: 1, applicationName: 'ada' })
await using grace = openDatabase({ max: 1, applicationName: 'grace' })
await using alan = openDatabase({ max: 1, applicationName: 'alan' })
await using onlooker = openDatabase({ max: 1 })
const untilGraceWaits = () => untilWaiting(onlooker)

// This empties the table and fills it again, before each run.
await createTables(ada, { stock })
await ada.execute(sql`
  create function fill_stock() returns void language plpgsql as $$
  begin
    truncate stock;
    insert into stock values (1, 10), (2, 20);
  end $$`)
console.log('TRIED:', anomalies.length, 'anomalies at', levels.length, 'levels')

// If the server refuses a statement, it prevents the anomaly: what that session did is undone.
async function outcome({ happens }: Anomaly, stage: Stage): Promise<string> {
  try {
    return (await happens(stage)) ? 'happens' : 'does not happen'
  } catch (error) {
    return `refused (${errorCode(error)})`
  } finally {
    for (const session of [ada, grace, alan]) await rollback(session)
  }
}

for (const anomaly of anomalies) {
  for (const level of levels) {
    await ada.execute(sql`select fill_stock()`)
    const happened = await outcome(anomaly, { ada, grace, alan, level, untilGraceWaits })
    console.log(`${anomaly.name} at ${level}:`, happened)
  }
}
