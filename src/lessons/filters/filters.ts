/**
 * A condition is a value like any other: it can be named, put into a list, combined, or left out. That is how
 * a search form becomes a query without gluing strings together.
 */
import { and, between, eq, ilike, inArray, isNull, not, or, type SQL } from 'drizzle-orm'
import { createTables } from '../../db/create-tables.ts'
import { openDatabase } from '../../db/pool.ts'
import { Status } from '../../db/schema/common.ts'
import { items } from '../../db/schema/items.ts'

await using db = openDatabase()
await createTables(db, { items })
await db
  .insert(items)
  .values([
    { name: 'Pencil' },
    { name: 'Notebook' },
    { name: 'Pen', status: Status.DISABLE },
    { name: 'Eraser' },
    { name: '100% cotton paper' },
  ])

/** The names of the items that a condition is true for. */
async function names(condition: SQL | undefined): Promise<string> {
  const rows = await db.select().from(items).where(condition).orderBy(items.name)
  return rows.map(({ name }) => name).join(', ') || '(none)'
}

const enabled = eq(items.status, Status.ENABLE)
const pens = ilike(items.name, 'PEN%') // `ilike` does not mind the case, `like` does
console.log('AND:', await names(and(pens, enabled)))
console.log('OR:', await names(or(pens, eq(items.name, 'Eraser'))))
console.log('NOT:', await names(not(pens)))
console.log('IN:', await names(inArray(items.name, ['Eraser', 'Pen', 'Stapler'])))
console.log('BETWEEN:', await names(between(items.name, 'F', 'P')))
console.log('IS NULL:', await names(isNull(items.name)))

// In a pattern % and _ mean "anything". A user who types one of them means the sign itself.
const contains = (text: string) => ilike(items.name, `%${text.replace(/[\\%_]/g, '\\$&')}%`)
console.log('CONTAINS %:', await names(contains('%')))

// Optional conditions: `and` leaves out what is undefined, so a field that was not filled in asks nothing.
const search = (form: { name?: string; status?: Status }) =>
  names(
    and(
      form.name === undefined ? undefined : contains(form.name),
      form.status === undefined ? undefined : eq(items.status, form.status),
    ),
  )
console.log('SEARCH BOTH:', await search({ name: 'pen', status: Status.ENABLE }))
console.log('SEARCH NAME:', await search({ name: 'pen' }))

// Nothing filled in is no condition at all: every row. Think twice before you give this to a delete.
console.log('SEARCH NOTHING:', await search({}))

// An empty list is another matter: nothing is in it.
console.log('IN NOTHING:', await names(inArray(items.name, [])))
