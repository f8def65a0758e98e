/**
 * An item has many tags, and a tag belongs to many items. Between two such tables stands a third one, with a
 * row for each pair: the junction. It is a table like any other, and may say more about the pair.
 */
import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import { pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { openDatabase } from '../../db/pool.ts'
import { items } from '../../db/schema/items.ts'

const tags = pgTable('tags', { name: text('name').primaryKey() })

// The pair is the key, so no pair is there twice. When an item or a tag goes, its pairs go too.
const itemTags = pgTable(
  'item_tags',
  {
    idItem: uuid('id_item')
      .notNull()
      .references(() => items.idItem, { onDelete: 'cascade' }),
    tag: text('tag')
      .notNull()
      .references(() => tags.name, { onDelete: 'cascade', onUpdate: 'cascade' }),
  },
  (table) => [primaryKey({ columns: [table.idItem, table.tag] })],
)

await using db = openDatabase()
await createTables(db, { items, tags, itemTags })
await db.insert(items).values([{ name: 'Pencil' }, { name: 'Notebook' }, { name: 'Eraser' }])
await db.insert(tags).values([{ name: 'paper' }, { name: 'school' }, { name: 'writing' }])

/** Ties tags to the item of this name. Those that it has already stay as they are. */
async function addTags(item: string, ...names: string[]): Promise<void> {
  await db
    .insert(itemTags)
    .select(
      db
        .select({ idItem: items.idItem, tag: tags.name })
        .from(items)
        .innerJoin(tags, inArray(tags.name, names))
        .where(eq(items.name, item)),
    )
    .onConflictDoNothing()
}
await addTags('Pencil', 'writing', 'school')
await addTags('Pencil', 'school')
await addTags('Notebook', 'paper', 'school')

// Through the junction, and flat again: each item once, with its tags in an array. An item without tags has
// an empty one, because the filter passes over the null of the left join.
const names = sql<string[]>`coalesce(
  array_agg(${itemTags.tag} order by ${itemTags.tag}) filter (where ${itemTags.tag} is not null), '{}')`
const tagged = () =>
  db
    .select({ item: items.name, tags: names })
    .from(items)
    .leftJoin(itemTags, eq(itemTags.idItem, items.idItem))
    .groupBy(items.idItem)
    .orderBy(asc(items.name))
console.log('ITEMS:', await tagged())

// The other way round.
const school = await db
  .select({ item: items.name })
  .from(itemTags)
  .innerJoin(items, eq(items.idItem, itemTags.idItem))
  .where(eq(itemTags.tag, 'school'))
  .orderBy(asc(items.name))
console.log('SCHOOL:', school)

// To untie is to delete the pair; neither the item nor the tag notices.
const pencil = db.select({ id: items.idItem }).from(items).where(eq(items.name, 'Pencil'))
await db.delete(itemTags).where(and(inArray(itemTags.idItem, pencil), eq(itemTags.tag, 'school')))

// A tag gets another name, and one goes for good.
await db.update(tags).set({ name: 'stationery' }).where(eq(tags.name, 'paper'))
await db.delete(tags).where(eq(tags.name, 'school'))
console.log('AFTERWARDS:', await tagged())
