import { describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../../scripts/repository.ts'
import { verifyContracts } from '../../../src/adapters/cli/events/contracts.ts'
import { ok } from '../../../src/domain/shared/result.ts'
import { composeContracts } from '../../../src/main/compose/commands/contracts.ts'
import { compose } from '../../../src/main/compose.ts'

const FOLDER = join(ROOT, 'contracts/pacts')
const paths = () => readdirSync(FOLDER).map((name) => join(FOLDER, name))
const texts = () => paths().map((path) => [path, readFileSync(path, 'utf8')])
const committed = texts()

// The tests of the consumers, each of which writes its Pact again.
await import('../../../examples/backend/backend.pact.test.ts')
await import('../../../examples/social/social.pact.test.ts')
await import('../../../examples/chat/chat.pact.test.ts')
await import('../http/edge/rest-client.pact.ts')

describe('the contracts of the consumers', () => {
  test('are those that the tests of the consumers write', () => {
    expect(texts()).toEqual(committed)
  })

  test('are all fulfilled, also together', async () => {
    const needs = { ...composeContracts(compose), readPactBroker: () => ok(null) }
    const outcome = await verifyContracts(needs, {
      paths: paths(),
      publish: null,
      branch: null,
      wipSince: null,
    })
    expect(outcome.lines.join('\n')).toContain('are kept.')
    expect(outcome.exitCode).toBe(0)
  }, 60_000)
})
