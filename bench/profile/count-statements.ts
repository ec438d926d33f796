import postgres from 'postgres'
import type { Server } from '../../tests/support/servers/provide/server.ts'

/** A statement of PostgreSQL, with what all its calls cost together. */
export type StatementCost = {
  /** The text, with $1 and so on in place of values. */
  readonly text: string
  readonly calls: number
  readonly milliseconds: number
}

export type StatementCounts = {
  /** Forgets what was counted. */
  reset(): Promise<void>
  /** The statements of all databases since `reset`, the dearest first. */
  read(): Promise<readonly StatementCost[]>
  close(): Promise<void>
}

/**
 * Makes a server count its statements with pg_stat_statements. For that it restarts the server, so nobody may use it yet.
 * @returns A sentence that says why the server cannot count, when it lacks the extension.
 */
export const countStatements = async (server: Server): Promise<StatementCounts | string> => {
  const connect = () => postgres(server.url, { max: 1, onnotice: () => {} })
  const before = connect()
  const [extension] = await before`
    select name from pg_available_extensions where name = 'pg_stat_statements'`
  if (extension === undefined) {
    await before.end()
    return (
      `PostgreSQL ${server.version} was installed without its extension pg_stat_statements, so its statements were not counted. ` +
      'On Debian the package postgresql has it, and so have the official images.'
    )
  }
  await before`alter system set shared_preload_libraries = 'pg_stat_statements'`
  await before.end()
  await server.stop()
  await server.start()
  const sql = connect()
  await sql`create extension pg_stat_statements`
  return {
    reset: async () => {
      await sql`select pg_stat_statements_reset()`
    },
    read: async () => {
      const rows = await sql`
        select query as text, sum(calls)::float8 as calls, sum(total_exec_time) as milliseconds
        from pg_stat_statements join pg_database database on database.oid = dbid
        where datname <> current_database()
        group by query order by milliseconds desc`
      return rows.map(({ text, calls, milliseconds }) => ({ text, calls, milliseconds }))
    },
    close: () => sql.end(),
  }
}
