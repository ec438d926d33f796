import { serve } from 'srvx'
import {
  describeMigration,
  describeSchemaRefusal,
} from '../../../adapters/cli/operations/migrate.ts'
import type { CommandLineNeeds } from '../../../adapters/cli/run-command-line.ts'
import type { GivenKeysNeeds } from '../../../adapters/cli/sessions/signing-keys.ts'
import { askPassword, askReason } from '../../../adapters/cli/shared/ask-line.ts'
import type { SigningKeys } from '../../../adapters/crypto/signing-keys.ts'
import {
  generateSigningKey,
  generateSigningKeys,
  retire,
  rotate,
  writeSigningKeys,
} from '../../../adapters/crypto/signing-keys.ts'
import { createPrivateFile } from '../../../adapters/filesystem/private-files.ts'
import { pause } from '../../../adapters/platform/pause.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import { makeWebhookSecret } from '../../config/backend.ts'
import {
  readGivenSigningKeys,
  readMigrationUrl,
  readPactBroker,
} from '../../config/command-config.ts'
import { databasePlace, VERSION } from '../../config/config.ts'
import { makeRefreshKey } from '../../config/keys.ts'
import { readEnvironment, refuseProblems } from '../../config/load-config.ts'
import { host, wholeNumber } from '../../config/parsers.ts'
import type { Compose } from '../../lifecycle/composition.ts'
import { openListener } from '../../lifecycle/listener.ts'
import { withService } from '../../lifecycle/reach-service.ts'
import type { TellInstallation } from '../../lifecycle/tell-installation.ts'
import { makeTellInstallation } from '../../lifecycle/tell-installation.ts'
import { migrateAsOwner } from '../prepare-schema.ts'
import { composeContracts } from './contracts.ts'
import { composeDoctor } from './doctor.ts'
import { withDatabase } from './migration-on-database.ts'

/** Everything that the command line needs of this process and its environment. */
export const composeCommandLine = (
  compose: Compose,
  output: Pick<CommandLineNeeds, 'printOut' | 'printError'>,
): CommandLineNeeds => {
  const tell = makeTellInstallation(output.printError)
  const reach: CommandLineNeeds['withService'] = (work) => withService(compose, tell, work)
  return {
    ...output,
    version: `auth-service ${VERSION}`,
    pause,
    askPassword,
    askReason,
    withService: reach,
    migrateServer: () => migrateServer(tell),
    withDatabase: (work) => withDatabase(tell, work),
    keys,
    contracts: contractNeeds(compose),
    doctor: composeDoctor(reach, tell),
  }
}

/**
 * Migrates a server with nothing set but its address, so that the owner of the database needs none of the service's keys.
 */
const migrateServer = async (tell: TellInstallation): Promise<CommandOutcome | null> => {
  const url = readEnvironment(readMigrationUrl)
  if (!url.ok) return refuseProblems(url.refusal)
  if (url.value === null) return null
  tell.ofDatabase(url.value)
  const migrated = await migrateAsOwner(url.value)
  if (migrated.ok) return describeMigration(migrated.value)
  const place = databasePlace({ databaseUrl: url.value, dataDirectory: '' })
  return describeSchemaRefusal(migrated.refusal, place)
}

const keys: GivenKeysNeeds = {
  generateKeys: () => ({
    jwtKeys: oneLine(generateSigningKeys()),
    refreshKey: makeRefreshKey(),
    backendSyncSecret: makeWebhookSecret(),
  }),
  changeGivenKeys: (change) => {
    const given = readEnvironment(readGivenSigningKeys)
    if (!given.ok || given.value === null) return given.ok ? ok(null) : fail(given.refusal)
    return ok(
      oneLine(
        change === 'rotate' ? rotate(given.value, generateSigningKey('next')) : retire(given.value),
      ),
    )
  },
  writeKeyFile: async (path, text) => {
    const written = await createPrivateFile(path, text)
    if (written.ok) return written
    return written.refusal === 'EEXIST'
      ? fail('exists already')
      : fail(`cannot be written (${written.refusal})`)
  },
}

const oneLine = (signingKeys: SigningKeys): string =>
  JSON.stringify(JSON.parse(writeSigningKeys(signingKeys)))

const contractNeeds = (compose: Compose): CommandLineNeeds['contracts'] => {
  const { checkContractFiles, verifyContracts, answerVerifier, states } = composeContracts(compose)
  return {
    checkContractFiles,
    verifyContracts,
    readPactBroker: () => {
      const broker = readEnvironment(readPactBroker)
      return broker.ok ? broker : fail(refuseProblems(broker.refusal))
    },
    parseHost: host,
    parsePort: wholeNumber(0, 65_535),
    openVerifierPort: (address) =>
      openListener(serve, address, '--port', (request) => answerVerifier(request)),
    providerStates: states,
  }
}
