import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readSubject } from '../../src/adapters/pact/find-message.ts'
import type { AskedMessage, Contract } from '../../src/adapters/pact/read-contract.ts'
import { readContract } from '../../src/adapters/pact/read-contract.ts'
import { USER_STATES } from '../../src/adapters/pact/user-states.ts'
import type { UserEvent } from '../../src/domain/events/user-event.ts'
import { composeContracts } from '../../src/main/compose/commands/contracts.ts'
import { compose } from '../../src/main/compose.ts'
import type { VerifiedInteraction } from '../../src/ports/driven/events/contracts.ts'
import { ROOT, readFrom } from '../repository.ts'

const FOLDER = 'contracts/pacts'
/** The columns of the matrix: what a consumer can read. */
const COLUMNS = ['version 1', 'version 2', 'messages for it alone'] as const
type Column = (typeof COLUMNS)[number]

// The generated tables of contracts/README.md.

/** The provider states, with the special properties of each message. */
export const statesTable = (): string =>
  [
    '| state | action | version | changed | null |',
    '|---|---|---|---|---|',
    ...[...USER_STATES].map(([name, event]) => stateRow(name, event)),
  ].join('\n')

const stateRow = (name: string, { action, version, changed, state }: UserEvent): string => {
  const nullFields = Object.entries(state)
    .filter(([, value]) => value === null)
    .map(([field]) => field)
  return `| \`${name}\` | ${action} | ${version} | ${fieldList(changed)} | ${fieldList(nullFields)} |`
}

const fieldList = (fields: readonly string[]): string =>
  fields.length === 0 ? '–' : fields.map((field) => `\`${field}\``).join(', ')

/** Every consumer of events beside every version of the events. It verifies all contracts now. */
export const verificationMatrix = async (): Promise<string> => {
  const given = (await readContracts()).filter(({ contract }) => contract.messages.length > 0)
  const paths = given.map(({ path }) => join(ROOT, path))
  const { verified } = await composeContracts(compose).verifyContracts({
    kind: 'files',
    paths,
  })
  return [
    `| consumer | ${COLUMNS.join(' | ')} |`,
    `|---|${COLUMNS.map(() => '---|').join('')}`,
    ...given.map(({ contract }) => consumerRow(contract, verified)),
  ].join('\n')
}

const readContracts = async () => {
  const names = (await readdir(join(ROOT, FOLDER))).sort()
  return Promise.all(
    names.map(async (name) => {
      const path = `${FOLDER}/${name}`
      const read = readContract(await readFrom(path))
      if (!read.ok) throw new Error(`${path}: ${read.refusal}`)
      return { path, contract: read.value }
    }),
  )
}

const consumerRow = (
  { consumer, messages }: Contract,
  verified: readonly VerifiedInteraction[],
): string => {
  const outcomes = verified.filter((one) => one.consumer === consumer)
  const cells = COLUMNS.map((column) =>
    verdict(
      messages.filter((message) => columnOf(message) === column),
      outcomes,
    ),
  )
  return `| ${consumer} | ${cells.join(' | ')} |`
}

const columnOf = ({ states: [state] }: AskedMessage): Column => {
  const asked = state === undefined ? null : readSubject(state)
  if (asked?.isDirect) return 'messages for it alone'
  return asked?.encodedAs === 'user.events.v2' ? 'version 2' : 'version 1'
}

const verdict = (
  asked: readonly AskedMessage[],
  outcomes: readonly VerifiedInteraction[],
): string => {
  if (asked.length === 0) return 'not read'
  const broken = outcomes.filter(
    ({ description, mismatches }) =>
      mismatches.length > 0 && asked.some((message) => message.description === description),
  )
  return broken.length === 0
    ? `keeps all ${asked.length}`
    : `**breaks ${broken.map(({ description }) => `“${description}”`).join(', ')}**`
}
