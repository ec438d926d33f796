import { createInterface } from 'node:readline'
import { changeFor } from '../load/open-model.ts'
import { accessToken, post } from '../load/requests.ts'

// Sends PATCH requests at a constant rate (see load/open-model.ts) to the service or to its twin. Each line of standard input is
// a duration in milliseconds. It answers with the number of requests; a request that fails ends it.

/** The argument of this program, as JSON. */
export type RequestsOptions = {
  readonly target: 'service' | 'twin'
  readonly address: string
  readonly rate: number
  readonly users: number
}

const { target, address, rate, users }: RequestsOptions = JSON.parse(process.argv[2] ?? '')

type Request = { readonly url: string; readonly headers: Readonly<Record<string, string>> }

const JSON_BODY = { 'content-type': 'application/json' }
const PASSWORD = 'six wide rivers, no bridge'

const register = async (index: number): Promise<Request> => {
  const name = `p${crypto.randomUUID().slice(0, 8)}${index}`
  const response = await post(new URL('/v1/auth/register', address), {
    email: `${name}@bench.example`,
    username: name,
    password: PASSWORD,
  })
  const bearer = accessToken(await response.json())
  return {
    url: `${address}/v1/users/me`,
    headers: { ...JSON_BODY, authorization: `Bearer ${bearer}` },
  }
}

const requests: Request[] = []
while (requests.length < users) {
  const id = requests.length
  requests.push(
    target === 'service'
      ? await register(id)
      : { url: `${address}/users/${id}`, headers: JSON_BODY },
  )
}

let turn = 0
const change = async (): Promise<void> => {
  turn += 1
  const request = requests[turn % requests.length]
  if (request === undefined) throw new Error('there are no users to change')
  const response = await fetch(request.url, {
    method: 'PATCH',
    headers: request.headers,
    body: JSON.stringify({ displayName: `Name ${turn}` }),
  })
  if (!response.ok) throw new Error(`a change was answered ${response.status}`)
  await response.arrayBuffer()
}

for await (const line of createInterface({ input: process.stdin }))
  console.log(await changeFor(Number(line), rate, change))
process.exit(0)
