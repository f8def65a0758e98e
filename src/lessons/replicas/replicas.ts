/**
 * One server takes the writes. A second one, its standby, repeats them and answers reads. The price
 * is that its answers may be old. Here the standby is paused for a while, so that they are.
 */
import { eq, sql } from 'drizzle-orm'
import { integer, pgTable, text, withReplicas } from 'drizzle-orm/pg-core'
import { openDatabase, type Transaction } from '../../db/pool.ts'

// This lesson has two servers of its own. manage.sh starts them, and says where they are.
const { DB_PRIMARY, DB_STANDBY } = process.env
if (!DB_PRIMARY || !DB_STANDBY) throw new Error('Two servers are needed: ./manage.sh replicas')
await using primary = openDatabase({ server: DB_PRIMARY, name: 'shop', applicationName: 'primary' })
await using standby = openDatabase({ server: DB_STANDBY, name: 'shop', applicationName: 'standby' })
const db = withReplicas(primary, [standby])

const items = pgTable('items', { id: integer('id').primaryKey(), name: text('name').notNull() })
const names = (rows: { name: string }[]) => rows.map(({ name }) => name)

/** A transaction whose commit returns when the standby shows it, too. */
const everywhere = <T>(work: (tx: Transaction) => Promise<T>) =>
  primary.transaction(async (tx) => {
    await tx.execute(sql`set local synchronous_commit = remote_apply`)
    return work(tx)
  })
await everywhere((tx) =>
  tx.execute(sql`create table items (id int primary key, name text not null)`),
)
console.log('ON THE STANDBY:', await standby.$count(items))

// Reads go to the standby, and writes to the primary. Each answers with its name.
const server = sql<string>`current_setting('cluster_name')`
const [read] = await db.select({ server }).from(sql`(select 1) as one`)
const [written] = await db.insert(items).values({ id: 1, name: 'Pencil' }).returning({ server })
console.log('READ BY:', read?.server)
console.log('WRITTEN BY:', written?.server)

// From here on, the standby receives what is written, and does not apply it. To see your own write,
// ask the primary.
await standby.execute(sql`select pg_wal_replay_pause()`)
await db.insert(items).values({ id: 2, name: 'Notebook' })
const notebook = eq(items.id, 2)
console.log('THE STANDBY SEES:', names(await standby.select().from(items).where(notebook)))
console.log('THE PRIMARY SEES:', names(await db.$primary.select().from(items).where(notebook)))

// Or remember where the primary's log ends after the write. The standby has the write as soon as it
// has applied that much.
const [log] = await primary.execute<{ end: string }>(sql`select pg_current_wal_lsn() as "end"`)
async function isApplied(): Promise<boolean | undefined> {
  const [row] = await standby.execute<{ applied: boolean }>(
    sql`select pg_last_wal_replay_lsn() >= ${log?.end}::pg_lsn as applied`,
  )
  return row?.applied
}
console.log('APPLIED BY THE STANDBY:', await isApplied())
await standby.execute(sql`select pg_wal_replay_resume()`)

// Or let the writer wait until the standby has applied it, for as long as that takes.
await everywhere((tx) => tx.insert(items).values({ id: 3, name: 'Pen' }))
console.log('AFTER REMOTE APPLY:', names(await standby.select().from(items).orderBy(items.id)))
console.log('APPLIED BY THE STANDBY, NOW:', await isApplied())
