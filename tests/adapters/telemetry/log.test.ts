import { describe, expect, test } from 'bun:test'
import { makeLog } from '../../../src/adapters/telemetry/log.ts'
import { makeTrace } from '../../../src/adapters/telemetry/trace.ts'
import type { LogLevel } from '../../../src/ports/driven/shared/log.ts'

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736'
const TRACEPARENT = `00-${TRACE_ID}-00f067aa0ba902b7-01`

const given = (level: LogLevel | 'silent' = 'info') => {
  const lines: string[] = []
  const trace = makeTrace()
  const destination = { write: (line: string) => lines.push(line) }
  const log = makeLog({ level, traceId: trace.traceId, destination })
  const last = (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? 'null')
  return { log, lines, last, trace }
}

describe('lines for a terminal', () => {
  const onTerminal = () => {
    const lines: string[] = []
    const log = makeLog({
      level: 'info',
      traceId: () => null,
      destination: { write: (line: string) => lines.push(line) },
      isForTerminal: true,
    })
    return { log, lines }
  }

  test('have the time of day, the level, the event and the fields, and no JSON', () => {
    const { log, lines } = onTerminal()
    log('warn', 'relay.retry', { attempts: 3, channel: 'nats:user.events', left: undefined })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d warn {2}relay\.retry {2}attempts=3 channel=nats:user\.events\n$/,
    )
  })

  test('quote text with spaces, and escape what would control the terminal', () => {
    const { log, lines } = onTerminal()
    log('info', 'request', { route: '/a b', problem: 'x\u001b[31m\n\u202e', userId: null })
    expect(lines.join('')).toEndWith(
      'request  route="/a b" problem="x\\u001b[31m\\n\\u202e" userId=null\n',
    )
    expect(lines).toHaveLength(1)
  })

  test('show a fault below its line, with its causes and its frames', () => {
    const { log, lines } = onTerminal()
    const cause = new TypeError('no connection\u001b[2J')
    log('error', 'request.fault', {}, new Error('the store failed', { cause }))
    const [first, ...others] = lines.join('').trimEnd().split('\n')
    expect(first).toMatch(/^\d\d:\d\d:\d\d error request\.fault$/)
    expect(others[0]).toBe('    Error: the store failed')
    expect(others[1]).toMatch(/^ {6}at /)
    expect(others).toContain('    caused by TypeError: "no connection\\u001b[2J"')
    expect(lines.join('')).not.toContain('\u001b')
  })

  test('are not written below the level', () => {
    const { log, lines } = onTerminal()
    log('debug', 'request')
    expect(lines).toEqual([])
  })
})

describe('log lines', () => {
  test('a line holds level, time, event and the given fields, and nothing else', () => {
    const { log, lines, last } = given()
    log('warn', 'relay.retry', { attempts: 3, channel: 'nats:user.events', left: undefined })
    expect(lines[0]).toEndWith('}\n')
    expect(last()).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      event: 'relay.retry',
      attempts: 3,
      channel: 'nats:user.events',
    })
  })

  test('text with line breaks stays on one line', () => {
    const { log, lines } = given()
    log('info', 'request', { route: 'a\nb\u2028c"}' })
    expect(lines).toHaveLength(1)
    expect(lines[0]?.trimEnd()).not.toContain('\n')
  })

  test('a line below the level is not written', () => {
    const { log, lines } = given('warn')
    log('debug', 'request')
    log('info', 'request')
    log('error', 'request.fault')
    expect(lines).toHaveLength(1)
  })

  test('no line is written at level silent', () => {
    const { log, lines } = given('silent')
    log('error', 'relay.fault', {}, new Error('broken'))
    expect(lines).toEqual([])
  })

  test('a line names the trace that it was written in', async () => {
    const { log, last, trace } = given()
    await trace.run(TRACEPARENT, async () => {
      await Promise.resolve()
      log('info', 'request')
    })
    expect(last()['traceId']).toBe(TRACE_ID)
    log('info', 'request')
    expect(last()).not.toContainKey('traceId')
    log('info', 'request', { traceId: 'given' })
    expect(last()['traceId']).toBe('given')
  })

  test('a fault is logged with type, message, frames and the chain of its causes', () => {
    const { log, last } = given()
    const cause = new TypeError('no connection')
    log('error', 'request.fault', {}, new Error('the store failed', { cause }))
    expect(last()['err']).toEqual({
      type: 'Error',
      message: 'the store failed',
      stack: expect.stringContaining('at '),
      cause: { type: 'TypeError', message: 'no connection', stack: expect.any(String) },
    })
  })

  test('the parameters that a driver puts under its message are left out [LE3]', () => {
    const { log, lines } = given()
    const fault = new Error('Failed query: select $1\nparams: user@example.com')
    log('error', 'request.fault', {}, new Error('wrapped', { cause: fault }))
    expect(lines[0]).toContain('Failed query: select $1')
    expect(lines[0]).not.toContain('user@example.com')
  })

  test('a thrown object that is no error is named without its content, and a circle of causes ends', () => {
    const { log, last } = given()
    log('error', 'request.fault', {}, { password: 'hunter2' })
    expect(last()['err']).toEqual({ type: 'object', message: 'Object' })
    const ring = new Error('ring')
    ring.cause = ring
    log('error', 'request.fault', {}, ring)
    expect(JSON.stringify(last()).split('"ring"')).toHaveLength(9)
  })
})

describe('the trace of a request', () => {
  test('all code that the request runs can read it, and no other code', async () => {
    const trace = makeTrace()
    const inside = trace.run(TRACEPARENT, async () => {
      await Promise.resolve()
      return [trace.current(), trace.traceId()]
    })
    expect([trace.current(), trace.traceId()]).toEqual([null, null])
    expect(await inside).toEqual([TRACEPARENT, TRACE_ID])
  })

  test('requests at the same time do not see the traces of each other', async () => {
    const trace = makeTrace()
    const seen = await Promise.all(
      ['00-a-1-01', '00-b-2-01'].map((traceparent) =>
        trace.run(traceparent, async () => {
          await Promise.resolve()
          return trace.current()
        }),
      ),
    )
    expect(seen).toEqual(['00-a-1-01', '00-b-2-01'])
  })
})
