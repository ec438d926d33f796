import { EXIT } from '../../../domain/operations/exit-codes.ts'
import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import { shownHost } from '../../../domain/shared/server-address.ts'
import type {
  CheckContractFiles,
  ContractOutcome,
  ContractSource,
  VerifiedInteraction,
  VerifyContracts,
} from '../../../ports/driven/events/contracts.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import type { Cli } from '../shared/command.ts'
import { defineCommand } from '../shared/command.ts'
import { wronglyUsed } from '../shared/outcomes.ts'

export type VerifyRequest = {
  /** Pact files; without any, the contracts of the Pact Broker. */
  readonly paths: readonly string[]
  /** Publishes the results to the broker as those of this version. */
  readonly publish: string | null
  /** The branch of this service that is verified; with it contracts can be pending. */
  readonly branch: string | null
  /** Also verifies contracts of other branches that were changed since this day: `2026-11-01`. */
  readonly wipSince: string | null
}

export type VerifyNeeds = {
  readonly checkContractFiles: CheckContractFiles
  readonly verifyContracts: VerifyContracts
  /** The Pact Broker of the environment; null where none is configured. */
  readonly readPactBroker: () => Result<
    { readonly url: string; readonly token: string | null } | null,
    CommandOutcome
  >
}

/** Verifies contracts of consumers. It needs no running service, and does not touch one. */
export const verifyContracts = async (
  needs: VerifyNeeds,
  request: VerifyRequest,
): Promise<CommandOutcome> => {
  const source =
    request.paths.length > 0 ? fileSource(needs, request) : brokerSource(needs, request)
  return source.ok ? describeVerdict(await needs.verifyContracts(source.value)) : source.refusal
}

const fileSource = (
  { checkContractFiles }: VerifyNeeds,
  { paths, publish, branch, wipSince }: VerifyRequest,
): Result<ContractSource, CommandOutcome> => {
  const [forBrokers] = Object.entries({ publish, branch, 'wip-since': wipSince }).find(
    ([, value]) => value !== null,
  ) ?? [null]
  if (forBrokers !== null)
    return fail(
      wronglyUsed(
        `--${forBrokers} works with the contracts of a Pact Broker only, not with files.`,
      ),
    )
  const checked = checkContractFiles(paths)
  if (checked.ok) return checked
  const { kind, sentences } = checked.refusal
  const exitCode = kind === 'unreadable' ? EXIT.unreadableData : EXIT.failed
  return fail({ exitCode, lines: sentences })
}

const brokerSource = (
  { readPactBroker }: VerifyNeeds,
  { publish, branch, wipSince }: VerifyRequest,
): Result<ContractSource, CommandOutcome> => {
  if (wipSince !== null && branch === null)
    return fail(wronglyUsed('--wip-since needs --branch: contracts are in progress for a branch.'))
  if (wipSince !== null && !DAY.test(wipSince))
    return fail(wronglyUsed('--wip-since needs a day, such as 2026-11-01.'))
  const broker = readPactBroker()
  if (!broker.ok) return broker
  return broker.value === null
    ? fail(
        wronglyUsed(
          'Name the files to verify, or set PACT_BROKER_BASE_URL to the address of a Pact Broker.',
        ),
      )
    : ok({
        kind: 'broker',
        ...broker.value,
        publishedVersion: publish,
        branch,
        workInProgressSince: wipSince,
      })
}

const DAY = /^\d{4}-\d{2}-\d{2}$/

/** Each interaction, under it each field that differs from the contract, and the verdict. */
export const describeVerdict = ({ verified, errors }: ContractOutcome): CommandOutcome => {
  const consumers = [...new Set(verified.map(({ consumer }) => consumer))]
  const notKept = verified.filter(({ mismatches }) => mismatches.length > 0)
  const broken = notKept.filter(({ isPending }) => !isPending)
  const pending = notKept.length - broken.length
  const isKept = broken.length === 0 && errors.length === 0 && verified.length > 0
  const lines = [
    ...consumers.flatMap((consumer) => [
      `${consumer}:`,
      ...verified.filter((one) => one.consumer === consumer).flatMap(interactionLines),
    ]),
    ...errors,
    ...(pending > 0
      ? [`Pending: ${pending}. This branch has never kept them, so they fail nothing yet.`]
      : []),
    isKept
      ? `All ${verified.length - pending} interactions are kept.`
      : `Not kept: ${broken.length} of ${verified.length} interactions.`,
  ]
  const document = { isKept, interactions: verified, errors }
  return { exitCode: isKept ? EXIT.ok : EXIT.failed, lines, documents: [document] }
}

const interactionLines = ({
  description,
  states,
  mismatches,
  isPending,
}: VerifiedInteraction): readonly string[] => [
  `  ${mismatches.length === 0 ? ' ok ' : isPending ? 'PEND' : 'FAIL'}  ${description} (${states.join(', ')})`,
  ...mismatches.map((sentence) => `          ${sentence.replaceAll(/\s*\n\s*/g, ' ')}`),
]

export const contractVerify = defineCommand({
  words: 'contract verify',
  summary: 'verify Pact contracts against what is published',
  description:
    'It needs no running service. Without files, it verifies the contracts of the Pact Broker at PACT_BROKER_BASE_URL.',
  examples: [
    'contract verify pacts/newsletter-auth-service.json',
    'contract verify --publish 1.4.0 --branch main --wip-since 2026-11-01',
  ],
  parts: [],
  declare: (command, cli: Cli & { readonly contracts: VerifyNeeds }) =>
    command
      .argument('[files...]', 'Pact files')
      .option(
        '--publish <version>',
        'publish the results to the Pact Broker, as those of this version',
      )
      .option(
        '--branch <branch>',
        'the branch of this version; contracts that it has never kept are pending and fail nothing',
      )
      .option(
        '--wip-since <day>',
        'also verify contracts of other branches of consumers, published since this day',
      )
      .action(
        cli.runs((paths, { publish = null, branch = null, wipSince = null }) =>
          verifyContracts(cli.contracts, { paths, publish, branch, wipSince }),
        ),
      ),
})

export type ServeRequest = { readonly host: string; readonly port: string }

type Address = { readonly host: string; readonly port: number }

export type ServeNeeds = {
  readonly parseHost: (text: string) => Result<string, string>
  readonly parsePort: (text: string) => Result<number, string>
  /** Answers Pact verifiers that ask for messages. */
  readonly openVerifierPort: (
    address: Address,
  ) => Promise<Result<{ readonly port: number; close(): Promise<void> }, CommandOutcome>>
  readonly providerStates: readonly string[]
}

/** Answers Pact verifiers of any language until it is stopped. Its messages are made from sample users. */
const serveContracts = async (
  needs: ServeNeeds & { readonly show: Cli['show']; readonly stopping: AbortSignal },
  request: ServeRequest,
): Promise<CommandOutcome> => {
  const { show, stopping } = needs
  const host = needs.parseHost(request.host)
  if (!host.ok) return wronglyUsed(`--host ${host.refusal}.`)
  const port = needs.parsePort(request.port)
  if (!port.ok) return wronglyUsed(`--port ${port.refusal}.`)
  const listener = await needs.openVerifierPort({ host: host.value, port: port.value })
  if (!listener.ok) return listener.refusal
  const url = `http://${shownHost(request.host, listener.value.port)}/`
  show({
    lines: [
      `Messages are at ${url} for Pact verifiers, until Ctrl-C.`,
      `Provider states: ${needs.providerStates.join(', ')}.`,
      'The parameter subject of a state chooses where the message is published; without it, user.events.',
    ],
    documents: [{ url, providerStates: needs.providerStates }],
  })
  await new Promise((resolve) => stopping.addEventListener('abort', resolve, { once: true }))
  await listener.value.close()
  return { exitCode: EXIT.ok, lines: [] }
}

export const contractServe = defineCommand({
  words: 'contract serve',
  summary: 'answer Pact verifiers of any language',
  examples: ['contract serve --port 8090'],
  parts: [],
  declare: (command, cli: Cli & { readonly contracts: ServeNeeds }) =>
    command
      .option('--host <host>', 'address to listen at', '127.0.0.1')
      .option('--port <port>', 'port to listen at; 0 for a free one', '8090')
      .action(
        cli.runs((request) =>
          cli.untilStopped((stopping) =>
            serveContracts({ ...cli.contracts, show: cli.show, stopping }, request),
          ),
        ),
      ),
})
