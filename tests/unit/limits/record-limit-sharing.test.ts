import { describe, expect, test } from 'bun:test'
import { makeRecordLimitSharing } from '../../../src/application/limits/record-limit-sharing.ts'
import type { AuditEntry } from '../../../src/ports/driven/audit/audit-trail.ts'
import { listedMeasurements } from '../../support/fakes/operations/listed-measurements.ts'

const NOW = new Date('2026-11-24T00:00:00.000Z')

const given = (append: (entry: AuditEntry) => Promise<void>) => {
  const measurements = listedMeasurements()
  const logged: (readonly unknown[])[] = []
  const record = makeRecordLimitSharing({
    audit: { append },
    measurements,
    clock: () => NOW,
    log: (level, event, fields, fault) => logged.push([`${level} ${event}`, fields, fault]),
  })
  return { record, measurements, logged }
}

describe('the loss of shared limits', () => {
  test('is audited and measured, and so is its end', async () => {
    const audited: AuditEntry[] = []
    const { record, measurements } = given(async (entry) => void audited.push(entry))
    await record(false)
    await record(true)
    expect(audited.map(({ action, result, at }) => [action, result, at])).toEqual([
      ['limits.split', 'ok', NOW],
      ['limits.shared', 'ok', NOW],
    ])
    expect(measurements.count('limitsShared false')).toBe(1)
    expect(measurements.count('limitsShared true')).toBe(1)
  })

  test('that cannot be audited is logged, and nothing is thrown', async () => {
    const fault = new Error('no database')
    const { record, measurements, logged } = given(() => Promise.reject(fault))
    await record(false)
    expect(logged).toEqual([['error limits.audit-failed', { areShared: false }, fault]])
    expect(measurements.count('limitsShared false')).toBe(1)
  })
})
