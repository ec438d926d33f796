import { expect, setDefaultTimeout, test } from 'bun:test'
import { lintApiDocument } from '../../scripts/checks/check-api-document.ts'
import { readFrom } from '../../scripts/repository.ts'

setDefaultTimeout(60_000)

const source = await readFrom('docs/openapi.json')

test('the API document breaks no rule of redocly', async () => {
  expect(await lintApiDocument(source)).toEqual([])
})

test.each([
  ['operation-operationId', '"operationId": "signIn",', ''],
  ['security-defined', '"security": [],', ''],
  ['no-unresolved-refs', '"#/components/responses/AnyProblem"', '"#/components/responses/Gone"'],
  ['no-invalid-media-type-examples', '"identifier": "johndoe",', '"identifier": 7,'],
])('the check of the API document finds a planted %s', async (rule, from, to) => {
  expect(source).toContain(from)
  const [first = ''] = await lintApiDocument(source.replace(from, to))
  expect(first).toStartWith(`error ${rule} `)
})
