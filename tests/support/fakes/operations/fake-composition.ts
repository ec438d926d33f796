import { ok } from '../../../../src/domain/shared/result.ts'
import type { Compose, Composition } from '../../../../src/main/lifecycle/composition.ts'

/** A composition of nothing that writes down which of its members were called. */
export const makeFakeCompose = (overrides: Partial<Composition> = {}) => {
  const calls: string[] = []
  const note = (call: string) => {
    calls.push(call)
  }
  const compose: Compose = async ({ config }) => {
    note('compose')
    const api = { fetch: async () => new Response(config.publicUrl) }
    return ok({
      log: (_level, event) => note(event),
      publicApi: api,
      managementApi: api,
      migrate: async () => {
        note('migrate')
        return ok({ applied: [] })
      },
      runCommand: async (name) => {
        note(`command ${name}`)
        return { exitCode: 0, lines: [`did ${name}`] }
      },
      scheduledTasks: [],
      becomeReady: () => note('ready'),
      becomeUnready: () => note('unready'),
      stop: async () => note('stores closed'),
      ...overrides,
    })
  }
  return { compose, calls }
}

/** Runs work while this process has these variables, and nothing else that the service reads. */
export const withEnvironment = async <T>(
  variables: Readonly<Record<string, string>>,
  work: () => Promise<T>,
): Promise<T> => {
  const before = { ...process.env }
  Object.assign(process.env, { NODE_ENV: 'test', PORT: '0', MANAGEMENT_PORT: '0' }, variables)
  try {
    return await work()
  } finally {
    for (const name of Object.keys(process.env)) delete process.env[name]
    Object.assign(process.env, before)
  }
}
