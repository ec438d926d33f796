type PublishedContract = {
  readonly consumer: string
  readonly version: string
  readonly branch: string
  readonly pact: string
}
type PublishedResult = {
  readonly contract: number
  readonly success: boolean
  readonly providerApplicationVersion: string
}

type Given = {
  readonly token: string
  /** Pacts that were published before, from the main branch of their consumers. */
  readonly pacts?: readonly string[]
  /** The branches of the provider that have kept all these Pacts before. */
  readonly keptBy?: readonly string[]
  /** It answers results that are published to it with this status. */
  readonly statusOfResults?: number
}

const MAIN = 'main'
const PROVIDER = 'auth-service'

/**
 * A double of a Pact Broker: as much of its HTTP API as Pact's verifier and Pact's client ask, written after what they
 * send. It has one environment, `production`, and of each application the last deployed version counts. A real broker
 * comes as a container image or from RubyGems, where the tests cannot get it.
 */
export const fakePactBroker = ({
  token,
  pacts = [],
  keptBy = [],
  statusOfResults = 201,
}: Given) => {
  const contracts: PublishedContract[] = pacts.map((pact) => ({
    consumer: JSON.parse(pact).consumer.name,
    ...{ version: '1', branch: MAIN, pact },
  }))
  const published: PublishedResult[] = []
  /** What a verifier has asked contracts by. */
  const selections: Readonly<Record<string, unknown>>[] = []
  const branches = new Map<string, string>()
  const deployed = new Map<string, string>()

  const latest = (branch: (one: PublishedContract) => boolean): readonly number[] => {
    const newest = new Map<string, number>()
    contracts.forEach((one, place) => {
      if (branch(one)) newest.set(`${one.consumer} ${one.branch}`, place)
    })
    return [...newest.values()]
  }
  const isKept = (contract: number, branch: string): boolean =>
    (keptBy.includes(branch) && contract < pacts.length) ||
    published.some(
      (one) =>
        one.success &&
        contracts[one.contract]?.pact === contracts[contract]?.pact &&
        branches.get(one.providerApplicationVersion) === branch,
    )

  /** Whether this version of a consumer has a contract that the provider's version has kept. */
  const isVerified = (
    consumer: string,
    version: string,
    providerVersion: string | undefined,
  ): boolean =>
    published.some(
      ({ contract, success, providerApplicationVersion }) =>
        success &&
        providerApplicationVersion === providerVersion &&
        contracts[contract]?.consumer === consumer &&
        contracts.some(
          (one) =>
            one.consumer === consumer &&
            one.version === version &&
            one.pact === contracts[contract]?.pact,
        ),
    )
  const canDeploy = (pacticipant: string, version: string): boolean =>
    pacticipant === PROVIDER
      ? [...deployed].every(([other, its]) => other === PROVIDER || isVerified(other, its, version))
      : isVerified(pacticipant, version, deployed.get(PROVIDER))

  const answer = async (request: Request): Promise<Response> => {
    if (request.headers.get('authorization') !== `Bearer ${token}`)
      return new Response(null, { status: 401 })
    const { origin, pathname, searchParams } = new URL(request.url)
    const text = await request.text()
    const link = (path: string) => ({ href: `${origin}${path}`, templated: path.includes('{') })
    const self = { self: link(pathname) }
    const [, kind, first = '', , third = '', , fifth = ''] = pathname.split('/')
    switch (kind) {
      case '':
        return hal({
          _links: {
            'pb:publish-contracts': link('/contracts/publish'),
            'pb:provider-pacts-for-verification': link('/for-verification'),
            'pb:environments': link('/environments'),
            'pb:pacticipant-version': link('/pacticipants/{pacticipant}/versions/{version}'),
          },
        })
      case 'contracts': {
        const { branch, pacticipantVersionNumber, contracts: given } = JSON.parse(text)
        for (const { consumerName, content } of given)
          contracts.push({
            consumer: consumerName,
            version: pacticipantVersionNumber,
            branch,
            pact: Buffer.from(content, 'base64').toString(),
          })
        return hal({ notices: [], _embedded: {}, _links: self })
      }
      case 'for-verification': {
        if (request.method === 'GET') return hal({ _links: self })
        const asked = JSON.parse(text)
        selections.push(asked)
        const isAsked = ({ branch }: PublishedContract) =>
          branch === MAIN || asked.includeWipPactsSince !== undefined
        return hal({
          _links: self,
          _embedded: {
            pacts: latest(isAsked).map((place) => {
              const pending =
                asked.includePendingStatus === true && !isKept(place, asked.providerVersionBranch)
              return {
                shortDescription: 'latest',
                verificationProperties: { pending, notices: [] },
                _links: { self: { ...link(`/pact/${place}`), name: `pact ${place}` } },
              }
            }),
          },
        })
      }
      case 'pact':
        return hal({
          ...JSON.parse(contracts[Number(first)]?.pact ?? '{}'),
          _links: {
            ...self,
            'pb:provider': link(`/pacticipants/${PROVIDER}`),
            'pb:publish-verification-results': link(`/results/${first}`),
          },
        })
      case 'results':
        if (statusOfResults < 300) published.push({ ...JSON.parse(text), contract: Number(first) })
        return hal({ _links: self }, statusOfResults)
      case 'environments': {
        const production = { uuid: '1', name: 'production', _links: self }
        return hal({ _embedded: { environments: [production] }, _links: self })
      }
      case 'pacticipants':
        if (request.method === 'PUT') branches.set(fifth, third)
        return hal({
          number: third,
          _links: {
            ...self,
            'pb:branch-version': link(
              `/pacticipants/${first}/branches/{branch}/versions/{version}`,
            ),
            'pb:record-deployment': [
              { ...link(`/deployments/${first}/to/${third}`), name: 'production' },
            ],
          },
        })
      case 'deployments':
        deployed.set(first, third)
        return hal({ _links: self }, 201)
      case 'matrix': {
        const [pacticipant, version] = ['pacticipant', 'version'].map(
          (name) => searchParams.get(`q[][${name}]`) ?? '',
        )
        const deployable = canDeploy(pacticipant ?? '', version ?? '')
        const reason = deployable ? 'All are kept' : 'There is no verified contract'
        return hal({ summary: { deployable, reason }, notices: [], matrix: [] })
      }
      default:
        return new Response(null, { status: 404 })
    }
  }
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: answer })
  return {
    url: `http://127.0.0.1:${server.port}`,
    published,
    selections,
    branches,
    deployed,
    close: () => server.stop(true),
  }
}

const hal = (body: object, status = 200) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/hal+json' },
  })
