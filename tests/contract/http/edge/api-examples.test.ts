import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { ComposedService } from '../../../support/builders/service/composed-service.ts'
import { composedService } from '../../../support/builders/service/composed-service.ts'

/** The examples of the document that the service serves, executed in its order as /docs executes them. */

setDefaultTimeout(120_000)

let service: ComposedService
beforeAll(async () => {
  service = await composedService({
    NODE_ENV: 'development',
    DEMO: 'false',
    PASSWORD_MIN_LENGTH: '9',
  })
})
afterAll(() => service.end())

type Operation = {
  readonly operationId: string
  readonly method: string
  readonly path: string
  readonly parameters?: readonly {
    readonly in: string
    readonly name: string
    readonly required: boolean
    readonly example?: string
  }[]
  readonly requestBody?: {
    readonly content: { readonly [type: string]: { readonly example: object } }
  }
  readonly responses: { readonly [status: string]: unknown }
}

const readDocument = async () => JSON.parse(await (await service.ask('/openapi.json')).text())

const readOperations = async (): Promise<readonly Operation[]> =>
  Object.entries<object>((await readDocument()).paths).flatMap(([path, methods]) =>
    Object.entries<object>(Object(methods)).map(([method, operation]) => ({
      ...(operation as Operation),
      method: method.toUpperCase(),
      path,
    })),
  )

/** What needs a value that only an earlier answer or a provider knows, and what ends the account. */
const NOT_BY_EXAMPLE = [
  // A new installation has no consumer.
  'redriveDeadLetters',
  'dismissDeadLetters',
  'endSession',
  'finishOAuth',
  'continueLink',
  'exchangeCode',
  'startOAuth',
  'startLink',
  'unlinkIdentity',
  'signOutEverywhere',
  'deleteAccount',
]
/** What signs out or changes the password, in an order in which each still has its session. */
const LAST = ['changePassword', 'signOut']

test('each example works when it is executed from /docs', async () => {
  const operations = await readOperations()
  const byId = (id: string) => operations.filter(({ operationId }) => operationId === id)
  let [token, cookie] = ['', '']
  const execute = async ({ method, path, parameters = [], requestBody }: Operation) => {
    const query = new URLSearchParams()
    const headers = new Headers({ origin: 'http://localhost:3000', cookie })
    if (token !== '') headers.set('authorization', `Bearer ${token}`)
    let address = path
    for (const { in: place, name, example } of parameters) {
      if (example === undefined) continue
      if (place === 'path') address = address.replace(`{${name}}`, example)
      if (place === 'header') headers.set(name, example)
      if (place === 'query') query.set(name, example)
    }
    const example = requestBody?.content['application/json']?.example
    if (example !== undefined) headers.set('content-type', 'application/json')
    const response = await service.ask(`${address}?${query}`.replace(/\?$/, ''), {
      method,
      headers,
      ...(example !== undefined && { body: JSON.stringify(example) }),
    })
    const text = await response.text()
    const [, kept] = /^(__Host-refresh=[^;]*)/.exec(response.headers.get('set-cookie') ?? '') ?? []
    cookie = kept ?? cookie
    if (response.ok && path.startsWith('/v1/auth/') && text.includes('"tokens"'))
      token = JSON.parse(text).tokens.accessToken
    return [response.status, text] as const
  }
  const isLast = ({ operationId }: Operation) => LAST.includes(operationId)
  const isNeeded = ({ operationId }: Operation) => !NOT_BY_EXAMPLE.includes(operationId)
  const isOfAdministrators = ({ path }: Operation) => path.startsWith('/v1/admin/')
  const executeAll = async (chosen: readonly Operation[]) => {
    for (const operation of chosen) {
      const [status, text] = await execute(operation)
      const outcome = [operation.operationId, status]
      expect([...outcome, text]).toEqual([...outcome, status < 300 ? text : 'an answer below 300'])
    }
  }
  const others = operations.filter((each) => isNeeded(each) && !isLast(each))
  await executeAll(others.filter((each) => !isOfAdministrators(each)))
  const { id } = JSON.parse((await execute(byId('readProfile')[0] ?? fail()))[1])
  await service.change(id, { role: 'admin' })
  await executeAll([...byId('signIn'), ...others.filter(isOfAdministrators)])
  await executeAll(LAST.flatMap(byId))
  expect(others.length).toBeGreaterThan(20)
})

const fail = (): never => {
  throw new Error('the operation is gone')
}

test('the shortest new password in the document is that of the installation', async () => {
  expect((await readDocument()).components.schemas.NewPassword.minLength).toBe(9)
})
