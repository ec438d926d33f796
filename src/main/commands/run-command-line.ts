import process from 'node:process'
import { pause } from '../../adapters/platform/pause.ts'
import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import type { Compose } from '../composition.ts'
import { examine } from '../doctor/examine.ts'
import { EXIT } from '../exit-codes.ts'
import { printOut } from '../print.ts'
import { askPassword, askReason } from './ask-line.ts'
import { readCommandLine, USAGE } from './command-line.ts'
import { listInPages } from './list-in-pages.ts'
import { migrateServer } from './migrate-server.ts'
import type { Order } from './order.ts'
import { printChangedKeys, printNewKeys } from './print-keys.ts'
import { runWhereDataIs, withCommands } from './reach-service.ts'
import { sendInParts } from './send-in-parts.ts'
import { serveContract } from './serve-contract.ts'
import { setSyncMode } from './set-sync-mode.ts'
import { onDatabaseAlone } from './sync-on-database.ts'
import { syncReport } from './sync-report.ts'
import { syncStatus } from './sync-status.ts'
import { tailEvents } from './tail-events.ts'
import { verifyContractFiles } from './verify-contract-files.ts'

/** Does what the words of the command line ask for. */
export const runCommandLine = async (
  words: readonly string[],
  compose: Compose,
): Promise<CommandOutcome> => {
  const order = readCommandLine(words)
  return order.ok
    ? carryOut(order.value, compose)
    : { exitCode: EXIT.usage, lines: [order.refusal, '', ...USAGE] }
}

const carryOut = async (order: Order, compose: Compose): Promise<CommandOutcome> => {
  switch (order.kind) {
    case 'help':
      return { exitCode: EXIT.ok, lines: USAGE }
    case 'keys-generate':
      return printNewKeys()
    case 'doctor':
      return examine(compose)
    case 'admin-create':
      return createAdmin(order.email, order.username, compose)
    case 'events-tail':
      return tail(order.userId, compose)
    case 'events-replay':
      return runWhereDataIs(compose, order.kind, order.request)
    case 'events-send':
    case 'events-snapshot':
      return order.request.dryRun
        ? runWhereDataIs(compose, order.kind, order.request)
        : send(order, compose)
    case 'dead-letters-list':
      return withCommands(compose, (commands) =>
        listInPages({ commands, print: printOut }, order.consumer),
      )
    case 'dead-letters-redrive':
      return runWhereDataIs(compose, order.kind, order.selection)
    case 'events-discard':
      return runWhereDataIs(compose, order.kind, { ...order.selection, reason: await askReason() })
    case 'contract-verify':
      return verifyContractFiles(order.request, compose)
    case 'contract-serve':
      return untilStopped((stopping) => serveContract(order.door, { print: printOut, stopping }))
    case 'sync-status':
      return (
        (await onDatabaseAlone((needs) => syncStatus(needs))) ??
        runWhereDataIs(compose, order.kind, {})
      )
    case 'sync-report':
      return (
        (await onDatabaseAlone((needs) => syncReport(needs))) ??
        runWhereDataIs(compose, order.kind, {})
      )
    case 'sync-set': {
      const { request } = order
      return (
        (await onDatabaseAlone((needs) => setSyncMode(needs, request))) ??
        runWhereDataIs(compose, order.kind, request)
      )
    }
    case 'plain':
      return (await apartFromTheService(order.name)) ?? runWhereDataIs(compose, order.name, {})
  }
}

/** What the owner keeps outside: the schema of a server, and keys that were given. Null where the service keeps them. */
const apartFromTheService = async (
  name: Extract<Order, { kind: 'plain' }>['name'],
): Promise<CommandOutcome | null> => {
  if (name === 'migrate') return migrateServer()
  return name === 'keys-rotate' || name === 'keys-retire' ? printChangedKeys(name) : null
}

const createAdmin = async (
  email: string,
  username: string,
  compose: Compose,
): Promise<CommandOutcome> => {
  const password = await askPassword()
  if (password.trim() === '')
    return { exitCode: EXIT.failed, lines: ['The password is empty. Nothing was changed.'] }
  return runWhereDataIs(compose, 'admin-create', { email, username, password })
}

const tail = (userId: string | null, compose: Compose): Promise<CommandOutcome> =>
  untilStopped((stopping) =>
    withCommands(compose, (commands) =>
      tailEvents({ commands, print: printOut, pause, stopping }, userId),
    ),
  )

const send = (
  { kind, request }: Extract<Order, { kind: 'events-send' | 'events-snapshot' }>,
  compose: Compose,
): Promise<CommandOutcome> =>
  untilStopped((stopping) =>
    withCommands(compose, (commands) =>
      sendInParts({ commands, print: printOut, stopping }, kind, request),
    ),
  )

/** Work that ends soon after the first signal, and says how far it came. */
const untilStopped = async (
  work: (stopping: AbortSignal) => Promise<CommandOutcome>,
): Promise<CommandOutcome> => {
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const signal of signals) process.once(signal, stop)
  try {
    return await work(stopping.signal)
  } finally {
    for (const signal of signals) process.off(signal, stop)
  }
}
