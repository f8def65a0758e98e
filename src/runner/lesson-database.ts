/** The database that a lesson runs on: made anew for each run, and never one that is not ours. */
import type { ReservedSql } from 'postgres'

// The mark of a database that may be dropped.
const mark = 'learning-drizzle: made for one lesson, and made anew by its next run'

// A database can only be marked once it is there. Until then this odd connection limit, which it is
// created with, says that it is ours: a run that is killed in between leaves nothing unmarked.
const unfinishedLimit = 1947

const longestName = 63 // bytes; PostgreSQL cuts off what is over

/**
 * Drops the lesson's database of the run before, if there is one, and creates it again, empty.
 *
 * @returns its name: the base name and the lesson's.
 * @throws {Error} if a database of that name is not marked as ours, or the name is too long.
 */
export async function createLessonDatabase(sql: ReservedSql, base: string, lesson: string) {
  const name = `${base}_${lesson}`
  if (Buffer.byteLength(name) > longestName) {
    throw new Error(
      `"${name}" is too long for a database: at most ${longestName} bytes. Choose a shorter DB_NAME.`,
    )
  }
  const [found] = await sql<{ ours: boolean }[]>`
    select shobj_description(oid, 'pg_database') is not distinct from ${mark}
      or datconnlimit = ${unfinishedLimit} as ours
    from pg_database where datname = ${name}`
  if (found && !found.ours) {
    throw new Error(
      `There is a database "${name}" that this project did not make, so it is left alone. ` +
        'Rename it, or choose another DB_NAME.',
    )
  }
  if (found) await sql`drop database ${sql(name)} with (force)`
  await sql.unsafe(
    `create database ${quoted(name)} template template0 connection limit ${unfinishedLimit}`,
  )
  await sql.unsafe(`comment on database ${quoted(name)} is '${mark}'`)
  await sql.unsafe(`alter database ${quoted(name)} connection limit -1`)
  return name
}

/** Drops every database that is marked as ours. Returns their names. */
export async function dropLessonDatabases(sql: ReservedSql): Promise<string[]> {
  const found = await sql<{ name: string }[]>`
    select datname as name from pg_database
    where shobj_description(oid, 'pg_database') = ${mark} or datconnlimit = ${unfinishedLimit}
    order by datname`
  for (const { name } of found) await sql.unsafe(`drop database ${quoted(name)} with (force)`)
  return found.map(({ name }) => name)
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
