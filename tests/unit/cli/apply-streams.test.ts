import { describe, expect, test } from 'bun:test'
import { applyStreams } from '../../../src/adapters/cli/events/apply-streams.ts'
import type { StreamReport, StreamState } from '../../../src/domain/events/stream-report.ts'

const report = (state: StreamState, ...differences: readonly string[]): StreamReport => ({
  name: 'USER_EVENTS',
  state,
  differences,
  status: null,
})
const OTHER: StreamReport = { ...report('ready'), name: 'USER_EVENTS_DLQ' }

/** Applies to streams that were found like this, and are like that afterwards. */
const apply = (before: StreamReport, after: StreamReport) =>
  applyStreams.run(
    {
      streams: { look: async () => [before, OTHER], apply: async () => [after, OTHER] },
      pause: async () => {},
    },
    {},
  )

describe('the command to apply the streams', () => {
  test('lists the streams that it created and the streams that were ready', async () => {
    expect(await apply(report('missing'), report('ready'))).toMatchObject({
      exitCode: 0,
      lines: ['Created USER_EVENTS.', 'USER_EVENTS_DLQ is configured as required.'],
    })
  })

  test('lists the differences that it corrected', async () => {
    const found = report('ready', 'discard is old and must be new', 'max_msg_size is 1')
    expect(await apply(found, report('ready'))).toMatchObject({
      exitCode: 0,
      lines: [
        'Corrected USER_EVENTS. Before, it differed in this:',
        '  discard is old and must be new',
        '  max_msg_size is 1',
        expect.any(String),
      ],
    })
  })

  test('changes no stream that could lose events, prints each exact difference, and fails', async () => {
    const drifted = report('drifted', 'storage is memory and must be file', 'subjects lack a')
    expect(await apply(drifted, drifted)).toMatchObject({
      exitCode: 1,
      lines: [
        'USER_EVENTS was not changed. An operator has to correct this:',
        '  storage is memory and must be file',
        '  subjects lack a',
        expect.any(String),
      ],
    })
  })

  test('says why a stream cannot be created, and fails', async () => {
    const refused = report('missing', 'cannot be created: no suitable peers (10005)')
    const { exitCode, lines } = await apply(report('missing'), refused)
    expect(exitCode).toBe(1)
    expect(lines[1]).toBe('  cannot be created: no suitable peers (10005)')
  })

  test('says that the server was lost meanwhile, and fails', async () => {
    const { exitCode, lines } = await apply(report('ready'), report('unknown'))
    expect(exitCode).toBe(1)
    expect(lines[0]).toBe('USER_EVENTS could not be read any more.')
  })

  test('waits for a connection, and changes nothing without one', async () => {
    let looks = 0
    let applied = 0
    const streams = {
      look: async () => {
        looks += 1
        return [report('unknown')]
      },
      apply: async () => {
        applied += 1
        return [report('ready')]
      },
    }
    const waits: number[] = []
    const pause = async (milliseconds: number) => {
      waits.push(milliseconds)
    }
    expect(await applyStreams.run({ streams, pause }, {})).toMatchObject({ exitCode: 69 })
    expect([looks, applied]).toEqual([50, 0])
    expect(waits.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(10_000)
  })

  test('continues as soon as it is connected', async () => {
    let looks = 0
    const streams = {
      look: async () => {
        looks += 1
        return [report(looks < 3 ? 'unknown' : 'missing')]
      },
      apply: async () => [report('ready')],
    }
    const outcome = await applyStreams.run({ streams, pause: async () => {} }, {})
    expect(outcome).toMatchObject({ exitCode: 0, lines: ['Created USER_EVENTS.'] })
    expect(looks).toBe(3)
  })

  test('says so when no NATS server is configured', async () => {
    const outcome = await applyStreams.run({ streams: null, pause: async () => {} }, {})
    expect(outcome).toMatchObject({ exitCode: 1, lines: [expect.stringContaining('NATS_URL')] })
  })
})
