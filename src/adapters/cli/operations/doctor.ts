import { EXIT } from '../../../domain/operations/exit-codes.ts'
import { faultLine } from '../../../domain/shared/fault-line.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import type { Cli } from '../shared/command.ts'
import { defineCommand } from '../shared/command.ts'
import type { ConfigurationNeeds } from './check-configuration.ts'
import { checkConfiguration } from './check-configuration.ts'
import type { DataNeeds } from './check-data.ts'
import { checkDirectory, checkKeys, checkLock } from './check-data.ts'
import type { HashNeeds } from './check-machine.ts'
import { checkClock, checkPasswordHash, checkRuntime } from './check-machine.ts'
import type { ServerNeeds } from './check-servers.ts'
import { checkDatabase, checkNats, checkRedis, checkSchema } from './check-servers.ts'
import type { ServiceNeeds } from './check-service.ts'
import { checkService } from './check-service.ts'
import type { Finding } from './findings.ts'
import { allOf, ill } from './findings.ts'
import { reportSchema } from './migrate.ts'

/** What the checks need of an installation whose configuration can be read. */
export type DoctorInstallation = DataNeeds & ServerNeeds & ServiceNeeds & ConfigurationNeeds

export type DoctorNeeds = HashNeeds & {
  /** Refused with a heading and one line for each problem of the configuration. */
  readonly readInstallation: () => Promise<Result<DoctorInstallation, CommandOutcome>>
}

type Check = readonly [name: string, run: () => Finding | Promise<Finding>]

/** Ten checks and one verdict. Nothing is changed. */
const runDoctor = async (needs: DoctorNeeds): Promise<CommandOutcome> => {
  const checks: (Finding & { readonly name: string })[] = []
  for (const [name, run] of await checksOf(needs)) checks.push({ name, ...(await findingOf(run)) })
  const failed = checks.filter(({ isWell }) => !isWell).length
  const verdict = failed === 0 ? 'All is well.' : `${failed} of ${checks.length} checks failed.`
  return {
    exitCode: failed === 0 ? EXIT.ok : EXIT.failed,
    lines: [...checks.map(checkLine), '', verdict],
    documents: [{ isWell: failed === 0, checks }],
  }
}

const checkLine = ({
  name,
  isWell,
  isWarning = false,
  detail,
}: Finding & { readonly name: string }) =>
  `${isWell ? (isWarning ? 'WARN' : ' ok ') : 'FAIL'}  ${name.padEnd(16)}${detail}`

export const doctor = defineCommand({
  words: 'doctor',
  summary: 'check the installation: ten checks, one verdict',
  description: 'Nothing is changed. The exit code is 0 only when every check passes.',
  examples: ['doctor', 'doctor --json'],
  parts: [reportSchema],
  declare: (command, cli: Cli & { readonly doctor: DoctorNeeds }) =>
    command.action(cli.runs(() => runDoctor(cli.doctor))),
})

const findingOf = async (run: Check[1]): Promise<Finding> => {
  try {
    return await run()
  } catch (fault) {
    return ill(faultLine(fault))
  }
}

const checksOf = async (needs: DoctorNeeds): Promise<readonly Check[]> => {
  const installation = await needs.readInstallation()
  const machine: readonly Check[] = [
    ['runtime', checkRuntime],
    ['clock', checkClock],
    ['password hash', () => checkPasswordHash(needs)],
  ]
  return installation.ok
    ? [...machine, ...installationChecks(installation.value)]
    : [
        ...machine,
        ['configuration', () => ill(problemsOf(installation.refusal.lines))],
        ...NOT_CHECKED,
      ]
}

/** The problems without their heading. */
const problemsOf = ([, ...problems]: readonly string[]): string =>
  problems.map((problem) => problem.trim()).join('; ')

const NOT_CHECKED = ['keys', 'database', 'schema', 'redis', 'nats', 'service'].map(
  (name): Check => [name, () => ill('not checked without a configuration')],
)

const installationChecks = (installation: DoctorInstallation): readonly Check[] => [
  ['configuration', () => checkConfiguration(installation)],
  ['keys', () => checkKeys(installation)],
  ['database', () => checkDatabaseOrFolder(installation)],
  ['schema', () => checkSchema(installation)],
  ['redis', () => checkRedis(installation)],
  ['nats', () => checkNats(installation)],
  ['service', () => checkService(installation)],
]

/** The database server; else the folder of the embedded database, and the process that uses it. */
const checkDatabaseOrFolder = async (installation: DoctorInstallation): Promise<Finding> =>
  installation.database === null
    ? allOf([await checkDirectory(installation), checkLock(installation.owner)])
    : checkDatabase(installation.database, installation.mode)
