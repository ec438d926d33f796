import { describe, expect, test } from 'bun:test'
import { makeWriteFault } from '../../../../src/adapters/http/edge/fault-log.ts'
import { Unavailable } from '../../../../src/domain/shared/unavailable.ts'

const FIELDS = { traceId: 't', route: '/v1/auth/login' }

const given = () => {
  const lines: unknown[] = []
  let now = 0
  const write = makeWriteFault(
    (level, event, fields, fault) => lines.push({ level, event, fields, fault }),
    () => now,
  )
  const pass = (milliseconds: number) => {
    now += milliseconds
  }
  return { lines, write, pass }
}

describe('the log of faults', () => {
  test('has one line a second for temporary faults that are alike, with the number of those left out', () => {
    const { lines, write, pass } = given()
    const full = () => new Unavailable('the hash queue is full')
    for (let fault = 0; fault < 500; fault += 1) write(full(), FIELDS)
    pass(999)
    write(full(), FIELDS)
    pass(1)
    write(full(), FIELDS)
    pass(1000)
    write(full(), FIELDS)
    expect(lines).toMatchObject([
      { level: 'error', event: 'request.fault', fields: { ...FIELDS, leftOut: 0 } },
      { fields: { ...FIELDS, leftOut: 500 } },
      { fields: { ...FIELDS, leftOut: 0 } },
    ])
  })

  test('has a line for each temporary fault that is different', () => {
    const { lines, write } = given()
    const faults = ['the hash queue is full', 'the connection was lost'].map(
      (message) => new Unavailable(message),
    )
    for (const fault of faults) write(fault, FIELDS)
    expect(lines).toMatchObject(faults.map((fault) => ({ fault })))
  })

  test('has a line for every fault that is not temporary', () => {
    const { lines, write } = given()
    for (let fault = 0; fault < 20; fault += 1) write(new Error('broken'), FIELDS)
    expect(lines).toHaveLength(20)
  })
})
