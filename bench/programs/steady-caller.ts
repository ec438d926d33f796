import { createInterface } from 'node:readline'
import { accessToken, patch, post } from '../callers/requests.ts'
import { newNames } from '../callers/workloads.ts'

// Load of the open model: a request leaves when its time has come, whatever became of those before. For each line, a
// number of milliseconds, it sends for so long, and writes how many were answered well and how many were not.

export type SteadyOrder = {
  readonly address: string
  readonly rate: number
  readonly users: number
}

export type SteadyRound = { readonly answered: number; readonly refused: number }

const { address, rate, users }: SteadyOrder = JSON.parse(process.argv[2] ?? '')
const me = new URL('/v1/users/me', address)
const password = 'six wide rivers, no bridge'

const register = async (names: object): Promise<string> => {
  const answer = await post(new URL('/v1/auth/register', address), { ...names, password })
  if (answer.status !== 201) throw new Error(`registering answered ${answer.status}`)
  return accessToken(await answer.json())
}

const bearers: string[] = []
const names = newNames(0)
// A few at a time, since more than wait for the hasher would be refused.
while (bearers.length < users)
  bearers.push(...(await Promise.all(Array.from({ length: 8 }, () => register(names())))))

let sent = 0

const change = async (): Promise<boolean> => {
  sent += 1
  const answer = await patch(me, bearers[sent % users] ?? '', { displayName: `Name ${sent}` })
  await answer.arrayBuffer()
  return answer.ok
}

const TICK_MS = 2

const round = async (milliseconds: number): Promise<SteadyRound> => {
  const began = performance.now()
  const due: Promise<boolean>[] = []
  const total = Math.round((milliseconds / 1000) * rate)
  while (due.length < total) {
    const elapsed = performance.now() - began
    while (due.length < Math.min(total, (elapsed / 1000) * rate)) due.push(change())
    await new Promise((resolve) => setTimeout(resolve, TICK_MS))
  }
  const answers = await Promise.all(due)
  const answered = answers.filter(Boolean).length
  return { answered, refused: answers.length - answered }
}

for await (const line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(await round(Number(line))))
// Connections are still open, for requests that will not come.
process.exit(0)
