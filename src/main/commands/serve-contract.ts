import { serve } from 'srvx'
import { makeMessageEndpoint } from '../../adapters/pact/message-endpoint.ts'
import { USER_STATES } from '../../adapters/pact/user-states.ts'
import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import { host as parseHost, wholeNumber } from '../config/parsers.ts'
import { findPublishedMessage } from '../contracts/published-messages.ts'
import { EXIT } from '../exit-codes.ts'
import { openDoor } from '../serve.ts'

type Needs = {
  readonly print: (...lines: readonly string[]) => void
  readonly stopping: AbortSignal
}

export type DoorWords = { readonly host: string; readonly port: string }

/** Answers Pact verifiers of any language until it is stopped. It knows samples only. */
export const serveContract = async (
  { host, port }: DoorWords,
  { print, stopping }: Needs,
): Promise<CommandOutcome> => {
  const [name, number] = [parseHost(host), wholeNumber(0, 65_535)(port)]
  if (!name.ok) return refused(`--host ${name.refusal}.`)
  if (!number.ok) return refused(`--port ${number.refusal}.`)
  const answer = makeMessageEndpoint(findPublishedMessage)
  const listener = { host: name.value, port: number.value }
  const door = await openDoor(serve, listener, '--port', (request) => answer(request))
  if (!door.ok) return door.refusal
  print(
    `Messages are at http://${host}:${door.value.port}/ for Pact verifiers, until Ctrl-C.`,
    `Provider states: ${[...USER_STATES.keys()].join(', ')}.`,
    'Their parameter subject chooses where the message is published, user.events without it.',
  )
  await new Promise((resolve) => stopping.addEventListener('abort', resolve, { once: true }))
  await door.value.close()
  return { exitCode: EXIT.ok, lines: [] }
}

const refused = (line: string): CommandOutcome => ({ exitCode: EXIT.usage, lines: [line] })
