/**
 * A moment is the same everywhere; what a clock on the wall shows is not. `timestamp with time zone` keeps the
 * moment, `timestamp` keeps the wall. Most trouble with times comes from taking one for the other.
 */
import { eq, sql } from 'drizzle-orm'
import { date, integer, pgTable, timestamp } from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { openDatabase } from '../../db/pool.ts'

const times = pgTable('times', {
  id: integer('id').primaryKey(),
  moment: timestamp('moment', { withTimezone: true }),
  wall: timestamp('wall'),
  momentText: timestamp('moment_text', { withTimezone: true, mode: 'string' }),
  milliseconds: timestamp('milliseconds', { withTimezone: true, precision: 3 }),
  day: date('day'),
})

await using db = openDatabase()
await createTables(db, { times })

// Noon in New York, which is five hours behind in January.
const noon = new Date('2026-01-15T12:00:00-05:00')
await db.insert(times).values({ id: 1, moment: noon, wall: noon, day: '2026-01-15' })

// Drizzle reads a wall time as if the wall hung in Greenwich. As long as Drizzle also wrote it, that fits.
const [both] = await db.select({ moment: times.moment, wall: times.wall }).from(times)
console.log('READ BACK:', both?.moment?.getTime() === both?.wall?.getTime())

// But let the server fill in the wall of New York: the moment is right, the wall is five hours off.
const [off] = await db.transaction(async (tx) => {
  await tx.execute(sql`set local timezone to 'America/New_York'`)
  await tx.execute(
    sql`insert into times (id, moment, wall) values (2, ${noon.toISOString()}, ${noon.toISOString()}::timestamptz)`,
  )
  return await tx
    .select({ moment: times.moment, wall: times.wall })
    .from(times)
    .where(eq(times.id, 2))
})
const hours = ((off?.moment?.getTime() ?? 0) - (off?.wall?.getTime() ?? 0)) / 3_600_000
console.log('HOURS OFF:', hours)

// A day has no time, and no zone. It is a string, because a Date would be a moment.
const [first] = await db.select({ day: times.day }).from(times).where(eq(times.id, 1))
console.log('DAY:', first?.day)

// The server counts microseconds. A Date ends after the milliseconds, so what it has read it may not find.
const precise = '2026-01-15 17:00:00.123456+00'
await db
  .insert(times)
  .values({ id: 3, moment: sql`${precise}`, momentText: precise, milliseconds: sql`${precise}` })
const [third] = await db.select().from(times).where(eq(times.id, 3))
if (!third?.moment || !third.momentText || !third.milliseconds) throw new Error('no row')
console.log('AS A STRING:', third.momentText === precise)
console.log('FOUND BY DATE:', await db.$count(times, eq(times.moment, third.moment)))
console.log('FOUND BY STRING:', await db.$count(times, eq(times.momentText, third.momentText)))
console.log(
  'FOUND WITH PRECISION 3:',
  await db.$count(times, eq(times.milliseconds, third.milliseconds)),
)

// Two clocks never agree. `now()` is the server's, and stands still for the whole transaction.
const still = await db.transaction(async (tx) => {
  const clock = sql<string>`now()::text`
  const [a] = await tx.execute<{ now: string }>(sql`select ${clock} as now`)
  const [b] = await tx.execute<{ now: string }>(sql`select ${clock} as now`)
  return a?.now === b?.now
})
console.log('NOW() STANDS STILL:', still)
