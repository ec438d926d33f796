import type { Service } from '../../processes/service/start-service.ts'
import { PASSWORD } from '../accounts/given-users.ts'

/** A JSON answer as a test looks at it. */
export type Answer = {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: black-box tests look into bodies that no type of ours describes
  readonly body: any
}

/** Sends JSON, or nothing, and reads what comes back. */
export const send = async (
  service: Pick<Service, 'url'>,
  method: string,
  path: string,
  options: {
    readonly body?: unknown
    readonly bearer?: string
    readonly headers?: Readonly<Record<string, string>>
  } = {},
): Promise<Answer> => {
  const response = await fetch(`${service.url}${path}`, {
    method,
    headers: {
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(options.bearer === undefined ? {} : { authorization: `Bearer ${options.bearer}` }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') === true
  return {
    status: response.status,
    headers: response.headers,
    body: isJson && text !== '' ? JSON.parse(text) : text,
  }
}

let users = 0

/** Registers somebody nobody has heard of. */
export const register = (service: Pick<Service, 'url'>, name?: string): Promise<Answer> => {
  users += 1
  const username = name ?? `visitor${process.pid}x${users}`
  const body = { email: `${username}@example.com`, username, password: PASSWORD }
  return send(service, 'POST', '/v1/auth/register', { body })
}

export const signIn = (
  service: Pick<Service, 'url'>,
  identifier: string,
  password = PASSWORD,
): Promise<Answer> => send(service, 'POST', '/v1/auth/login', { body: { identifier, password } })
