import { expect, test } from 'bun:test'
import { readFrom } from '../../../scripts/repository.ts'
import { refusedByStream } from '../../../src/adapters/nats/publishing/publish-errors.ts'

const ROW = /^\| ([\d, ]+) \| .* \| (retryable|ambiguous|permanent) \|$/gm

test('the page about NATS describes each error code as the publisher treats it', async () => {
  const rows = [...(await readFrom('docs/nats.md')).matchAll(ROW)]
  const told = rows.flatMap(([, codes = '', kind = '']) =>
    codes.split(', ').map((code) => `${code} ${kind}`),
  )
  const taken = told.map((row) => {
    const code = Number.parseInt(row, 10)
    return `${code} ${refusedByStream({ code, description: '' }).kind}`
  })
  expect(told.length).toBeGreaterThan(20)
  expect(taken).toEqual(told)
})
