import { describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../scripts/repository.ts'

const FOLDER = join(ROOT, 'tests/load/reports')
const JSON_WEB_TOKEN = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/
const reports = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))

describe('the reports of load', () => {
  test('are there', () => {
    expect(reports).toContain('events.json')
    expect(reports).toContain('registrations.json')
  })

  for (const name of reports)
    test(`${name} says what was measured on which machine, and holds nobody's token`, () => {
      const text = readFileSync(join(FOLDER, name), 'utf8')
      expect(JSON.parse(text)).toMatchObject({
        suite: name.replace('.json', ''),
        passed: expect.any(Boolean),
        conditions: { date: expect.any(String), machine: expect.any(String) },
        metrics: { http_req_failed: expect.any(Object) },
      })
      expect(text).not.toMatch(JSON_WEB_TOKEN)
      expect(text).not.toContain(ROOT)
    })
})
