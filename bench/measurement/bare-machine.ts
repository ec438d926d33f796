import { availableParallelism } from 'node:os'
import { hash } from '@node-rs/argon2'
import postgres from 'postgres'
import { ARGON2_PARAMETERS } from '../../src/adapters/crypto/argon2-parameters.ts'
import { withJetStream } from '../../tests/support/builders/events/stored-messages.ts'
import { createDatabase, dropDatabase } from '../installation/open-installation.ts'
import { openProgram } from '../installation/processes.ts'
import type { Servers } from '../installation/servers.ts'
import { startTwin, TWIN_STREAM } from '../installation/start-twin.ts'
import type { CallerOptions } from '../load/callers.ts'
import { CALLERS } from '../load/callers.ts'
import { perSecond } from '../load/per-second.ts'
import { ACCOUNT } from '../load/requests.ts'
import { TWIN_USERS } from '../load/workloads.ts'

/**
 * What the machine can do in one minute without the service. Machines differ by a factor of two, and so does one shared machine
 * from hour to hour. A figure of the service means something beside these three only.
 */
export type BareMachine = {
  /** Argon2id hashes with the parameters of the service, one at a time per core. */
  readonly hashesPerSecond: number
  /** Changes with their event by the twin (see programs/twin.ts), from 8 callers that wait for each answer. */
  readonly changesPerSecond: number
  /** Transactions of PostgreSQL that insert one row, on 8 connections. fsync is as the server has it. */
  readonly commitsPerSecond: number
}

const SECOND_MS = 1000

/** Measures the machine in about twelve seconds. It leaves nothing on the servers. */
export const measureMachine = async (servers: Servers): Promise<BareMachine> => ({
  hashesPerSecond: Math.round(await measureHashes()),
  changesPerSecond: Math.round(await measureTwin(servers)),
  commitsPerSecond: Math.round(await measureCommits(servers)),
})

const measureHashes = (): Promise<number> => {
  const { memoryKiB, iterations, parallelism } = ARGON2_PARAMETERS
  const options = { memoryCost: memoryKiB, timeCost: iterations, parallelism }
  const makeOne = async () => (await hash(ACCOUNT.password, options)) !== ''
  return perSecond(makeOne, availableParallelism(), 2 * SECOND_MS)
}

const measureCommits = async (servers: Servers): Promise<number> => {
  const databaseUrl = await createDatabase(servers, 'machine_commits')
  const sql = postgres(databaseUrl, { max: CALLERS, onnotice: () => {} })
  await sql`create table rows (number integer not null)`
  const insertOne = async (caller: number) =>
    (await sql`insert into rows values (${caller})`).count === 1
  const perSecondNow = await perSecond(insertOne, CALLERS, 2 * SECOND_MS)
  await sql.end()
  await dropDatabase(databaseUrl)
  return perSecondNow
}

const measureTwin = async (servers: Servers): Promise<number> => {
  const twin = await startTwin(servers, 'machine_twin', TWIN_USERS)
  const options: CallerOptions = { workload: 'change-twin', address: twin.url, callers: CALLERS }
  const { ask, stop } = openProgram('bench/programs/caller.ts', [JSON.stringify(options)])
  await ask(String(2 * SECOND_MS))
  const perSecondNow = Number(await ask(String(5 * SECOND_MS)))
  await stop()
  await twin.stop()
  await dropDatabase(twin.databaseUrl)
  await withJetStream({ servers: [(await servers.nats()).url] }, ({ streams }) =>
    streams.delete(TWIN_STREAM),
  )
  return perSecondNow
}
