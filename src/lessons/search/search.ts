/**
 * Whoever searches types words, not patterns: other forms of them, in another order, with typos. PostgreSQL can
 * compare words by their stems, rank what it finds, mark the place, and tell what is spelt alike.
 */
import { asc, desc, type SQL, sql } from 'drizzle-orm'
import { customType, index, pgTable, text } from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { openDatabase } from '../../db/pool.ts'

const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' })

// The words of both columns, as stems, kept up to date by the database. The name weighs more.
const articles = pgTable(
  'articles',
  {
    name: text('name').primaryKey(),
    description: text('description').notNull(),
    words: tsvector('words').generatedAlwaysAs(
      (): SQL => sql`setweight(to_tsvector('english', ${articles.name}), 'A') ||
        setweight(to_tsvector('english', ${articles.description}), 'B')`,
    ),
  },
  (table) => [index('articles_words').using('gin', table.words)],
)

await using db = openDatabase()
await createTables(db, { articles })
await db.insert(articles).values([
  { name: 'Writing paper', description: 'Smooth sheets for letters < 20 g & drawings.' },
  { name: 'Pencil', description: 'Writes softly, and is sharpened easily.' },
  { name: 'Drawing board', description: 'Holds your paper flat while you write.' },
  { name: 'Eraser', description: 'For what was never to be written.' },
])

// What somebody typed becomes a query: words, "a phrase", or, and - for without. No input is an error.
const query = (typed: string) => sql`websearch_to_tsquery('english', ${typed})`
const search = (typed: string) =>
  db
    .select({ name: articles.name })
    .from(articles)
    .where(sql`${articles.words} @@ ${query(typed)}`)
    .orderBy(desc(sql`ts_rank(${articles.words}, ${query(typed)})`), asc(articles.name))

// `writes`, `writing` and `write` have one stem; the one with the word in its name comes first.
console.log('WRITE:', await search('write'))
console.log('BOTH WORDS:', await search('paper drawings'))
console.log('WITHOUT:', await search('paper -board'))
console.log('ODD INPUT:', await search(`'"& (paper`))

// Where the word was found, between two marks that are first removed from the text. For HTML,
// escape the result, then replace the marks by tags.
const plain = sql`translate(${articles.description}, ${'\u0002\u0003'}, '')`
const marks = 'StartSel=\u0002, StopSel=\u0003'
const [found] = await db
  .select({
    text: sql<string>`ts_headline('english', ${plain}, ${query('letter')}, ${marks})`,
  })
  .from(articles)
  .where(sql`${articles.words} @@ ${query('letter')}`)
const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const html = escaped(found?.text ?? '')
  .replaceAll('\u0002', '<b>')
  .replaceAll('\u0003', '</b>')
console.log('HEADLINE:', html)

// A typo has no stem. Trigrams, groups of three letters, tell which words look alike.
await db.execute(sql`create extension if not exists pg_trgm`)
await db.execute(sql`create index articles_name on articles using gin (name gin_trgm_ops)`)
const typo = 'Pensil'
const alike = await db
  .select({
    name: articles.name,
    similarity: sql`round(similarity(${articles.name}, ${typo})::numeric, 2)`.mapWith(Number),
  })
  .from(articles)
  .where(sql`${articles.name} % ${typo}`)
console.log('WORDS:', await search(typo), 'TRIGRAMS:', alike)
