import { join } from 'node:path'
import type { Database } from '../../../../src/adapters/postgres/driver/database.ts'
import { migrate } from '../../../../src/adapters/postgres/driver/migrate.ts'
import { openPostgres } from '../../../../src/adapters/postgres/driver/open-postgres.ts'
import { atTheEnd } from '../../processes/test-run/at-the-end.ts'
import { postgresAt } from '../addresses.ts'
import type { GivenPostgres } from './given-postgres.ts'
import {
  givenLonePostgresOfEachVersion,
  givenPostgresOfEachVersion,
  withSql,
} from './given-postgres.ts'

const GRANTS = join(import.meta.dir, '../../../../ops/postgres/app-role.sql')

/** One database as production has it: an owner who migrates, and a role that the service runs as. */
export type GivenRoles = GivenPostgres & {
  readonly ownerUrl: string
  readonly appUrl: string
  readonly appRole: string
  readonly owner: Database
  /** The service's own connections. */
  readonly app: Database
}

/** The same on each major version at hand: migrated, and with the rights that the operator's file grants. */
export const givenRolesOfEachVersion = async (): Promise<readonly GivenRoles[]> =>
  Promise.all((await givenPostgresOfEachVersion()).map(givenRoles))

/** The same on servers without neighbours; see `givenLonePostgresOfEachVersion`. */
export const givenLoneRolesOfEachVersion = async (): Promise<readonly GivenRoles[]> =>
  Promise.all((await givenLonePostgresOfEachVersion()).map(givenRoles))

export const givenRoles = async (given: GivenPostgres): Promise<GivenRoles> => {
  const roles = await givenOwner(given)
  const databases = {
    owner: openPostgres({ address: postgresAt(roles.ownerUrl), applicationName: 'owner' }),
    app: openPostgres({ address: postgresAt(roles.appUrl), applicationName: 'app' }),
  }
  atTheEnd(() => Promise.all([databases.owner.close(), databases.app.close()]))
  await migrate(databases.owner)
  await grantTo(roles.appRole, roles.ownerUrl)
  return { ...roles, ...databases }
}

/** An empty database with its owner, and a role that has no rights in it yet. */
export const givenOwner = async (given: GivenPostgres) => {
  const suffix = crypto.randomUUID().slice(0, 8)
  const [owner, app] = [`test_owner_${suffix}`, `test_app_${suffix}`]
  await withSql(given.url, async (sql) => {
    for (const role of [owner, app])
      await sql.unsafe(`create role ${role} login password '${suffix}'`)
    await sql.unsafe(`alter database "${given.database}" owner to ${owner}`)
  })
  atTheEnd(() => removeRoles(given, owner, app))
  const ownerUrl = urlOf(given, owner, suffix)
  return { ...given, ownerUrl, appUrl: urlOf(given, app, suffix), appRole: app }
}

/** Runs the operator's file, as it is but for the name of the role. */
export const grantTo = async (role: string, ownerUrl: string): Promise<void> => {
  const grants = (await Bun.file(GRANTS).text()).replaceAll('auth_app', role)
  await withSql(ownerUrl, (sql) => sql.unsafe(grants))
}

const urlOf = ({ url }: GivenPostgres, role: string, password: string): string => {
  const own = new URL(url)
  own.username = role
  own.password = password
  return own.href
}

const removeRoles = ({ url }: GivenPostgres, owner: string, app: string) =>
  withSql(url, async (sql) => {
    await sql.unsafe(`drop owned by ${app}`)
    await sql.unsafe(`reassign owned by ${owner} to current_user`)
    await sql.unsafe(`drop role ${app}, ${owner}`)
  })
