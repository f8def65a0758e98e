/**
 * A row that is disabled is gone for the customers and there for the books. The status is half of it. The other half
 * is that nobody forgets to ask for it, and that a name can be used again.
 */
import { and, eq, getTableColumns, sql } from 'drizzle-orm'
import { getViewConfig, pgTable, pgView, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { errorCode, errorMessage } from '../../db/error-code.ts'
import { openDatabase } from '../../db/pool.ts'
import { Status, sharedColumns, statusCheck } from '../../db/schema/common.ts'

// Unique among the enabled ones only: as many disabled vouchers as you like may have had the same code.
const vouchers = pgTable(
  'vouchers',
  { id: uuid('id').primaryKey().defaultRandom(), code: text('code').notNull(), ...sharedColumns() },
  (table) => [
    statusCheck(table),
    uniqueIndex('vouchers_code_enabled').on(table.code).where(eq(table.status, Status.ENABLE)),
  ],
)

// The view is what the shop reads. Nobody has to remember the condition.
const validVouchers = pgView('valid_vouchers').as((query) =>
  query.select(getTableColumns(vouchers)).from(vouchers).where(eq(vouchers.status, Status.ENABLE)),
)

await using db = openDatabase()
await createTables(db, { vouchers })
const { query } = getViewConfig(validVouchers)
await db.execute(sql`create view ${validVouchers} as ${query}`.inlineParams())

const codes = async (from: typeof vouchers | typeof validVouchers) =>
  (
    await db
      .select({ code: from.code, status: from.status })
      .from(from)
      .orderBy(from.code, from.status)
  )
    .map(({ code, status }) => `${code} ${status}`)
    .join(', ')

await db.insert(vouchers).values([{ code: 'SPRING' }, { code: 'SUMMER' }])

// To delete is to disable, in one function, so that no caller can forget the condition: a row that
// is disabled already stays as it is, with the time of its own removal.
const isValid = eq(vouchers.status, Status.ENABLE)
const remove = (code: string) =>
  db
    .update(vouchers)
    .set({ status: Status.DISABLE })
    .where(and(eq(vouchers.code, code), isValid))
    .returning()
const [removed] = await remove('SPRING')
if (!removed) throw new Error('There is no valid voucher SPRING')
console.log('REMOVED:', removed.code)
console.log('THE SHOP SEES:', await codes(validVouchers))
console.log('THE BOOKS SEE:', await codes(vouchers))

// The code is free again; but two that are valid at the same time cannot be.
await db.insert(vouchers).values({ code: 'SPRING' })
console.log('THE SHOP SEES:', await codes(validVouchers))
const twice = db.insert(vouchers).values({ code: 'SUMMER' })
await twice.catch((error) => console.log('TWICE:', errorMessage(error)))

// Restoring is an update too, of one row. The index refuses it if a valid row has the code.
const restore = (id: string) =>
  db.update(vouchers).set({ status: Status.ENABLE }).where(eq(vouchers.id, id)).returning()
await restore(removed.id).catch((error) => {
  if (errorCode(error) !== '23505') throw error
  console.log('RESTORED: no, there is a valid one')
})
console.log('THE BOOKS SEE:', await codes(vouchers))
console.log('REMOVED AGAIN:', (await remove('SPRING')).length)
