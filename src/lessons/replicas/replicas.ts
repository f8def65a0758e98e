/**
 * One server takes the writes; a second one repeats them, and answers reads. The price is that its answer may be old. Here
 * its replay is stopped by hand, so that "may be" becomes "is". Then the first server dies, and the second takes over.
 */
import { eq, sql } from 'drizzle-orm'
import { integer, pgTable, text, withReplicas } from 'drizzle-orm/pg-core'
import { errorMessage } from '../../db/error-code.ts'
import { openDatabase, type Transaction } from '../../db/pool.ts'

// This lesson has two servers of its own. manage.sh starts them, and says where they are.
const { DB_PRIMARY, DB_STANDBY } = process.env
if (!DB_PRIMARY || !DB_STANDBY) throw new Error('Two servers are needed: ./manage.sh replicas')
await using primary = openDatabase({ server: DB_PRIMARY, name: 'shop' })
await using standby = openDatabase({ server: DB_STANDBY, name: 'shop' })
const db = withReplicas(primary, [standby])

const items = pgTable('items', { id: integer('id').primaryKey(), name: text('name').notNull() })
const names = (rows: { name: string }[]) => rows.map(({ name }) => name)

/**
 * A transaction whose commit returns when the standby shows it, too. The primary must name its
 * standbys in `synchronous_standby_names`, as here. If that is empty, the commit waits for none.
 */
const everywhere = <T>(work: (tx: Transaction) => Promise<T>) =>
  primary.transaction(async (tx) => {
    await tx.execute(sql`set local synchronous_commit = remote_apply`)
    return work(tx)
  })
await everywhere((tx) =>
  tx.execute(sql`create table items (id int primary key, name text not null)`),
)

// Reads go to a standby, and writes to the primary. Each server tells its name.
const server = sql<string>`current_setting('cluster_name')`
const [read] = await db.select({ server }).from(sql`(select 1) as one`)
const [written] = await db.insert(items).values({ id: 1, name: 'Pencil' }).returning({ server })
console.log('READ BY:', read?.server)
console.log('WRITTEN BY:', written?.server)

// From here on the standby receives, but does not replay. To see your own write, ask the primary.
await standby.execute(sql`select pg_wal_replay_pause()`)
await db.insert(items).values({ id: 2, name: 'Notebook' })
const notebook = eq(items.id, 2)
console.log('THE STANDBY SEES:', names(await standby.select().from(items).where(notebook)))
console.log('THE PRIMARY SEES:', names(await db.$primary.select().from(items).where(notebook)))
await standby.execute(sql`select pg_wal_replay_resume()`)

// Or the writer waits until the standby shows it, for as long as that takes.
await everywhere((tx) => tx.insert(items).values({ id: 3, name: 'Pen' }))
console.log('AFTER REMOTE APPLY:', names(await standby.select().from(items).orderBy(items.id)))

// A standby takes no writes.
await standby
  .insert(items)
  .values({ id: 4, name: 'Eraser' })
  .catch((error) => console.log('WRITE TO IT:', errorMessage(error)))

// The primary dies. (A superuser may let the server run a program; this one ends the server.) Nobody but you, or your
// operator's tools, decides that the standby takes over.
await primary
  .execute(sql`copy (select 1) to program 'kill -QUIT $(head -n 1 postmaster.pid); sleep 1'`)
  .catch(() => console.log('THE PRIMARY IS GONE'))
await primary.$client.end({ timeout: 0 }) // there is nobody to say goodbye to
await standby.execute(sql`select pg_promote()`)
const [again] = await standby.insert(items).values({ id: 5, name: 'Ruler' }).returning({ server })
console.log('WRITTEN BY:', again?.server)
console.log('ALL ROWS:', names(await standby.select().from(items).orderBy(items.id)))
