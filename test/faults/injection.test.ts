/** What a lesson is given is a value, whatever it looks like. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { lessonNames, read, scriptOf } from '../docs.ts'
import { root } from '../support.ts'
import { projectWithServer } from './fault.ts'

const shop = projectWithServer()

// What somebody might type who means harm. It begins with the name that it takes the place of, so that the
// lessons' own patterns still find it.
const harm = `Pencil'"); drop table items; -- \\ $1 \${x} /* %s {} [0] \`; select pg_sleep(9)`

describe('what a lesson is given is a value, and nothing else', { concurrency: 3 }, () => {
  const files = ['src/lessons/shared/shop.ts', ...lessonNames.map((name) => scriptOf(name))]
  // A literal in SQL was not given by anybody.
  const given = /^(?!.*sql`).*'Pencil'/m
  const uses = (name: string) => {
    // Servers of its own are gone when it ends, and what they held with them.
    if (existsSync(join(root, `src/lessons/${name}/servers.ts`))) return false
    const source = read(scriptOf(name))
    return given.test(source) || source.includes('fillShop')
  }

  before(() => {
    for (const name of files) {
      const file = join(shop.project.folder, name)
      const lines = readFileSync(file, 'utf8').split('\n')
      const harmed = lines.map((line) =>
        given.test(line) ? line.replaceAll("'Pencil'", JSON.stringify(harm)) : line,
      )
      writeFileSync(file, harmed.join('\n'))
    }
  })

  /** In how many fields of the lesson's database this is, by itself or in JSON, in small letters or large. */
  const stored = (name: string, value: string): Promise<number> =>
    shop.ask(async (sql) => {
      const columns = await sql`
      select table_schema as schema, table_name as table, column_name as column
      from information_schema.columns join information_schema.tables using (table_schema, table_name)
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
        and data_type in ('text', 'character varying', 'json', 'jsonb')`
      let count = 0
      for (const { schema, table, column } of columns) {
        const field = sql`lower(${sql(column)}::text)`
        const found = await sql`
        select 1 from ${sql(schema)}.${sql(table)}
        where ${field} = ${value.toLowerCase()} or strpos(${field}, ${JSON.stringify(value).toLowerCase()}) > 0`
        count += found.length
      }
      return count
    }, `shop_${name}`)

  for (const name of lessonNames.filter(uses)) {
    test(name, async () => {
      const result = await shop.run({}, name)
      assert.equal(result.code, 0, result.output)
      assert.equal(await stored(name, 'Pencil'), 0, result.output)
      assert.notEqual(await stored(name, harm), 0, result.output)
    })
  }
})
