import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../../scripts/repository.ts'
import { send } from '../../support/builders/http/given-http.ts'
import { BIN } from '../../support/processes/native/spawn-process.ts'
import { startService } from '../../support/processes/service/start-service.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'

// ARCHITECTURE.md follows one registration in two lists, first the request and then the delivery. Each step begins with
// the file and the function.
const STEP = /^\d+\. `(src\/[^`]+\.ts)` · `(\w+)`/

const stepsOf = (heading: string): readonly string[] => {
  const page = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8')
  const [, section = ''] = page.split(`### ${heading}\n`)
  const steps = (section.split('\n#')[0] ?? '').split('\n').flatMap((line) => {
    const [, path, name] = STEP.exec(line) ?? []
    return path === undefined ? [] : [`${path}#${name}`]
  })
  return steps
}

const REQUEST = stepsOf('The request')
const DELIVERY = stepsOf('The delivery')

/** The first step that does not come after those before it; null when all come in their order. */
const firstMissing = (steps: readonly string[], calls: readonly string[]): string | null => {
  let from = 0
  for (const step of steps) {
    const at = calls.indexOf(step, from)
    if (at === -1) return step
    from = at + 1
  }
  return null
}

/** The watched functions that a service called from the request of a registration until its event was consumed. */
const callsOfOneRegistration = async (): Promise<readonly string[]> => {
  const recorded = join(temporaryFolder(), 'calls')
  const recorder = join(ROOT, 'tests/support/processes/programs/record-calls.ts')
  await Bun.write(recorded, '')
  const service = await startService({
    command: [join(BIN, 'bun'), '--preload', recorder, join(ROOT, 'src/main/bun.ts')],
    environment: {
      WATCHED_FUNCTIONS: [...REQUEST, ...DELIVERY].join(),
      RECORDED_CALLS: recorded,
    },
  })
  try {
    const { status } = await send(service, 'POST', '/v1/auth/register', {
      body: {
        email: 'ada@example.com',
        username: 'ada',
        password: 'seven quiet otters swim north',
      },
    })
    expect(status).toBe(201)
    const calls = () => readFileSync(recorded, 'utf8').trim().split('\n')
    await eventually('the last step of the delivery', 5, () =>
      expect(calls()).toContain(DELIVERY.at(-1) ?? ''),
    )
    return calls()
  } finally {
    await service.stop()
  }
}

test('a registration calls the functions that ARCHITECTURE.md names, in that order', async () => {
  expect(REQUEST.length).toBeGreaterThan(5)
  expect(DELIVERY.length).toBeGreaterThan(4)
  const calls = await callsOfOneRegistration()
  expect(firstMissing(REQUEST, calls)).toBeNull()
  expect(firstMissing(DELIVERY, calls)).toBeNull()
}, 60_000)

test('a step that is named too early is noticed', () => {
  expect(firstMissing(['a', 'b'], ['b', 'a'])).toBe('b')
  expect(firstMissing(['a', 'c'], ['a', 'b'])).toBe('c')
  expect(firstMissing(['a', 'b'], ['a', 'x', 'b'])).toBeNull()
})
