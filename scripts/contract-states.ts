import { USER_STATES } from '../src/adapters/pact/user-states.ts'
import type { UserEvent } from '../src/domain/events/user-event.ts'

/** The provider states with what is special about the message of each, for contracts/README.md. */
export const statesTable = (): string =>
  [
    '| state | action | version | changed | null |',
    '|---|---|---|---|---|',
    ...[...USER_STATES].map(([name, event]) => row(name, event)),
  ].join('\n')

const row = (name: string, { action, version, changed, state }: UserEvent): string => {
  const missing = Object.entries(state).filter(([, value]) => value === null)
  return `| \`${name}\` | ${action} | ${version} | ${listed(changed)} | ${listed(missing.map(([field]) => field))} |`
}

const listed = (fields: readonly string[]): string =>
  fields.length === 0 ? '–' : fields.map((field) => `\`${field}\``).join(', ')
