import { join, resolve } from 'node:path'
import type { DatabaseProbe } from '../../../adapters/cli/operations/check-servers.ts'
import type { DoctorInstallation, DoctorNeeds } from '../../../adapters/cli/operations/doctor.ts'
import { reportSchema } from '../../../adapters/cli/operations/migrate.ts'
import type { ServiceCommands } from '../../../adapters/cli/shared/command.ts'
import { ARGON2_PARAMETERS } from '../../../adapters/crypto/argon2-parameters.ts'
import { makeArgon2Passwords } from '../../../adapters/crypto/argon2-passwords.ts'
import { findOwner } from '../../../adapters/filesystem/data-directory.ts'
import { readPrivateFile } from '../../../adapters/filesystem/private-files.ts'
import { openNats } from '../../../adapters/nats/connection/open-nats.ts'
import { makeEventStreams } from '../../../adapters/nats/streams/event-streams.ts'
import { userEventStreams } from '../../../adapters/nats/streams/user-event-streams.ts'
import { pause } from '../../../adapters/platform/pause.ts'
import type { Database } from '../../../adapters/postgres/driver/database.ts'
import { schemaState } from '../../../adapters/postgres/driver/migrate.ts'
import { openPostgres } from '../../../adapters/postgres/driver/open-postgres.ts'
import type { PostgresAddress } from '../../../adapters/postgres/driver/postgres-address.ts'
import { readServerFacts } from '../../../adapters/postgres/driver/server-facts.ts'
import { openRedis } from '../../../adapters/redis/open-redis.ts'
import type { RedisAddress } from '../../../adapters/redis/redis-address.ts'
import { shownRedis } from '../../../adapters/redis/redis-address.ts'
import type { StreamReport } from '../../../domain/events/stream-report.ts'
import { faultLine } from '../../../domain/shared/fault-line.ts'
import { repeatUntil } from '../../../domain/shared/repeat-until.ts'
import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import { Unavailable } from '../../../domain/shared/unavailable.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import type { Config } from '../../config/config.ts'
import { loadConfig } from '../../config/load-config.ts'
import type { NatsConfig } from '../../config/nats.ts'
import type { Secret } from '../../config/secret.ts'
import { KEY_FILE, readOwnKeys } from '../../lifecycle/own-keys.ts'
import type { TellInstallation } from '../../lifecycle/tell-installation.ts'
import { natsOptions } from '../resources/open-broker.ts'

type WithService = (
  work: (commands: ServiceCommands) => Promise<CommandOutcome>,
) => Promise<CommandOutcome>

/** What the doctor examines this installation with. */
export const composeDoctor = (withService: WithService, tell: TellInstallation): DoctorNeeds => ({
  openPasswordHash: () => makeArgon2Passwords({ parameters: ARGON2_PARAMETERS, inFlight: 1 }),
  hashMebibytes: ARGON2_PARAMETERS.memoryKiB / 1024,
  readInstallation: async () => {
    const loaded = loadConfig()
    if (!loaded.ok) return loaded
    const installation = await probesOf(loaded.value, withService)
    tell.ofConfig(loaded.value, installation.owner)
    return ok(installation)
  },
})

const probesOf = async (config: Config, withService: WithService): Promise<DoctorInstallation> => {
  const { dataDirectory, databaseUrl, redisUrl, nats, subjects } = config
  return {
    mode: config.mode,
    publicUrl: config.publicUrl,
    plaintextServers: config.plaintextServers,
    ignoredParameters: config.ignoredParameters,
    listener: config.listener,
    management: config.management,
    dataDirectory,
    owner: dataDirectory === 'memory:' ? null : await findOwner(dataDirectory),
    areKeysGiven: config.signingKeys !== null && config.refreshKeys !== null,
    keyFileName: KEY_FILE,
    countOwnKeys: () => countOwnKeys(dataDirectory),
    database: databaseUrl === null ? null : probeDatabase(databaseUrl),
    askSchema: () => withService((commands) => commands.run(reportSchema, {})),
    probeRedis: redisUrl === null ? null : () => probeRedis(redisUrl.reveal()),
    readStreams: nats === null ? null : () => readStreams(nats, subjects),
  }
}

const countOwnKeys = async (dataDirectory: string): Promise<Result<number | null, 'damaged'>> => {
  const found = await readOwnKeys({
    readPrivate: (name) => readPrivateFile(join(resolve(dataDirectory), name)).catch(() => null),
  })
  if (!found.ok) return found
  return ok(found.value === null ? null : found.value.signingKeys.length)
}

const probeDatabase = (address: Secret<PostgresAddress>): DatabaseProbe => ({
  readFacts: () => onServer(address, readServerFacts),
  readSchemaState: () => onServer(address, schemaState),
})

const onServer = async <T>(
  address: Secret<PostgresAddress>,
  read: (database: Database) => Promise<T>,
): Promise<Result<T, string>> => {
  const database = openPostgres({
    address: address.reveal(),
    applicationName: 'auth-doctor',
    poolSize: 1,
  })
  try {
    return ok(await read(database))
  } catch (fault) {
    if (!(fault instanceof Unavailable)) throw fault
    return fail(faultLine(fault.cause ?? fault))
  } finally {
    await database.close()
  }
}

const probeRedis: (
  address: RedisAddress,
) => ReturnType<NonNullable<DoctorInstallation['probeRedis']>> = async (address) => {
  const opened = await openRedis(
    { address, clientName: 'auth-doctor' },
    { pause, log: () => {}, chance: Math.random },
  )
  if (!opened.ok) return opened
  await opened.value.close()
  return ok(shownRedis(address))
}

/** Three seconds for a connection. */
const READ_TRIES = 15
const BETWEEN_READS_MILLISECONDS = 200

const readStreams = async (
  nats: NatsConfig,
  subjects: readonly string[],
): Promise<Result<readonly StreamReport[], 'unreachable'>> => {
  const log = () => {}
  const connection = openNats(natsOptions(nats, 'auth-doctor'), {
    log,
    pause,
    chance: Math.random,
  })
  connection.connect()
  try {
    const { verify } = makeEventStreams({
      nats: connection,
      streams: userEventStreams(subjects, nats.replicas),
      log,
      provision: 'verify',
    })
    const never = new AbortController().signal
    const reports = await repeatUntil(
      verify,
      (read) => read.every(({ state }) => state !== 'unknown'),
      READ_TRIES,
      () => pause(BETWEEN_READS_MILLISECONDS, never),
    )
    return connection.isConnected() ? ok(reports) : fail('unreachable')
  } finally {
    await connection.close()
  }
}
