import { findOwner } from '../../adapters/filesystem/data-directory.ts'
import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import type { Compose } from '../composition.ts'
import type { Config } from '../config.ts'
import { loadConfig } from '../configuration.ts'
import { EXIT } from '../exit-codes.ts'
import { describeFault } from '../print.ts'
import { checkKeys } from './check-data.ts'
import { checkDatabase, checkSchema } from './check-database.ts'
import { checkClock, checkPasswordHash, checkRuntime } from './check-machine.ts'
import { checkNats } from './check-nats.ts'
import { checkRedis } from './check-redis.ts'
import { checkService } from './check-service.ts'
import type { Finding } from './findings.ts'
import { ill, well } from './findings.ts'

type Check = readonly [name: string, look: () => Finding | Promise<Finding>]

/** Ten checks and one verdict. Nothing is changed. */
export const examine = async (compose: Compose): Promise<CommandOutcome> => {
  const lines: string[] = []
  let failed = 0
  for (const [name, look] of await checksFor(compose)) {
    const { isWell, detail } = await lookSafely(look)
    if (!isWell) failed += 1
    lines.push(`${isWell ? ' ok ' : 'FAIL'}  ${name.padEnd(16)}${detail}`)
  }
  const verdict = failed === 0 ? 'All is well.' : `${failed} of ${lines.length} checks failed.`
  return { exitCode: failed === 0 ? EXIT.ok : EXIT.failed, lines: [...lines, '', verdict] }
}

const lookSafely = async (look: Check[1]): Promise<Finding> => {
  try {
    return await look()
  } catch (fault) {
    return ill(describeFault(fault))
  }
}

const checksFor = async (compose: Compose): Promise<readonly Check[]> => {
  const loaded = loadConfig()
  const machine: readonly Check[] = [
    ['runtime', checkRuntime],
    ['clock', checkClock],
    ['password hash', checkPasswordHash],
  ]
  return loaded.ok
    ? [...machine, ...(await configured(loaded.value, compose))]
    : [...machine, ['configuration', () => ill(listed(loaded.refusal.lines))], ...UNKNOWN]
}

/** The heading is for those who see nothing else. */
const listed = ([, ...problems]: readonly string[]): string =>
  problems.map((problem) => problem.trim()).join('; ')

// Without a configuration nobody knows where to look.
const UNKNOWN = ['keys', 'database', 'schema', 'redis', 'nats', 'service'].map(
  (name): Check => [name, () => ill('not checked without a configuration')],
)

const configured = async (config: Config, compose: Compose): Promise<readonly Check[]> => {
  const owner = config.dataDirectory === 'memory:' ? null : await findOwner(config.dataDirectory)
  return [
    ['configuration', () => well(`${config.mode}, ${config.publicUrl}`)],
    ['keys', () => checkKeys(config)],
    ['database', () => checkDatabase(config, owner)],
    ['schema', () => checkSchema(compose, config, owner)],
    ['redis', () => checkRedis(config)],
    ['nats', () => checkNats(config)],
    ['service', () => checkService(config, owner)],
  ]
}
