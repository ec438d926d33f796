import { describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import { ROOT, readFrom } from '../../scripts/repository.ts'
import { ALL_SETTINGS } from '../../src/main/config/all-settings.ts'
import { PROVIDERS, settingsOf } from '../../src/main/config/providers.ts'
import { defaultOf } from '../../src/main/config/settings.ts'

/** What the tests want to know about one service of a compose file. */
type ComposeService = {
  readonly name: string
  readonly image: string
  readonly environment: Readonly<Record<string, string>>
  readonly dependsOn: Readonly<Record<string, string>>
  readonly ports: readonly string[]
  readonly volumes: readonly string[]
  readonly networks: readonly string[]
  readonly hasHealthCheck: boolean
  readonly restarts: boolean
}

type ComposeFile = {
  readonly services: readonly ComposeService[]
  readonly volumes: readonly string[]
  readonly networks: readonly string[]
}

type Table = Readonly<Record<string, unknown>>

/** Reads a compose file with its anchors and merges. Throws when an anchor is missing or it is no YAML. */
const readComposeFile = (text: string): ComposeFile => {
  const file = table(Bun.YAML.parse(text))
  return {
    services: Object.entries(table(file['services'])).map(([name, one]) => read(name, table(one))),
    volumes: Object.keys(table(file['volumes'])),
    networks: ['default', ...Object.keys(table(file['networks']))],
  }
}

/** The value of a variable that a compose file names without one. */
const PASSED_ON = ''

const read = (name: string, service: Table): ComposeService => ({
  name,
  image: String(service['image'] ?? ''),
  environment: mapped(service['environment'], (value) =>
    value === null ? PASSED_ON : String(value),
  ),
  dependsOn: mapped(service['depends_on'], (one) => String(table(one)['condition'])),
  ports: texts(service['ports']),
  volumes: texts(service['volumes']),
  networks: texts(service['networks']),
  hasHealthCheck: 'test' in table(service['healthcheck']),
  restarts: service['restart'] !== undefined,
})

/** Everything in the file that names what is not there, would let strangers in, or gives a secret away. */
const composeProblems = ({ services, volumes, networks }: ComposeFile): string[] => {
  const names = services.map(({ name }) => name)
  const ports = services.flatMap((service) => service.ports)
  const mounted = services.flatMap((service) => service.volumes.map(sourceOf))
  const problems = services.flatMap((service) => [
    ...Object.keys(service.dependsOn).flatMap(unless(names, `${service.name}: no service`)),
    ...service.networks.flatMap(unless(networks, `${service.name}: no network`)),
    ...service.volumes.map(sourceOf).filter(isNamed).flatMap(unless(volumes, 'no volume')),
    ...service.ports.filter((port) => !port.startsWith('127.0.0.1:')).map(says('open to all')),
    ...(/:\w/.test(service.image) || service.image.includes('-service')
      ? []
      : [`${service.name}: no version`]),
    ...Object.entries(service.environment)
      // What is passed on from the shell stands in no file.
      .filter(([, value]) => value !== PASSED_ON)
      .filter(isSecret)
      .map(([key]) => `secret ${key}`),
  ])
  return [
    ...problems,
    ...volumes.filter((volume) => !mounted.includes(volume)).map(says('unused')),
    ...ports
      .map(publicPort)
      .filter((port, place, all) => all.indexOf(port) !== place)
      .map(says('twice')),
  ]
}

const says = (complaint: string) => (subject: string) => `${complaint}: ${subject}`

const unless = (known: readonly string[], complaint: string) => (subject: string) =>
  known.includes(subject) ? [] : [`${complaint} ${subject}`]

const sourceOf = (volume: string): string => volume.split(':')[0] ?? ''
const isNamed = (source: string): boolean => !source.startsWith('.') && !source.startsWith('/')
const publicPort = (port: string): string => port.split(':').slice(0, 2).join(':')

/** A password or key in plain sight, whether by its name or within an address. */
const isSecret = ([name, value]: readonly [string, string]): boolean =>
  (/PASSWORD|SECRET|KEY|TOKEN|CREDENTIAL/.test(name) && !name.endsWith('_FILE')) ||
  /:\/\/[^/\s]*:[^/\s]*@/.test(value)

const table = (value: unknown): Table =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])

const mapped = (value: unknown, read: (one: unknown) => string): Record<string, string> =>
  Object.fromEntries(Object.entries(table(value)).map(([key, one]) => [key, read(one)]))

const installation = readComposeFile(await readFrom('docker-compose.yml'))
const forTests = readComposeFile(await readFrom('docker-compose.test.yml'))
const dockerfile = await readFrom('Dockerfile')
const forExamples = await readFrom('examples/Dockerfile')

const runsTheService = ({ image }: ComposeService): boolean => image.includes('AUTH_IMAGE')
const serves = (service: ComposeService): boolean => runsTheService(service) && service.restarts

describe('the compose files', () => {
  test.each([
    ['docker-compose.yml', installation, 19],
    ['docker-compose.test.yml', forTests, 4],
  ] as const)(
    '%s refer only to what they define, open no port to other machines, and contain no secret',
    (_path, file, services) => {
      expect(composeProblems(file)).toEqual([])
      expect(file.services).toHaveLength(services)
    },
  )

  test('wait for the health of services that have a health check', () => {
    const tells = ({ name, hasHealthCheck }: ComposeService) => (hasHealthCheck ? [name] : [])
    const known = installation.services.flatMap((one) => (serves(one) ? [one.name] : tells(one)))
    const awaited = installation.services.flatMap(({ dependsOn }) =>
      Object.keys(dependsOn).filter((name) => dependsOn[name] === 'service_healthy'),
    )
    expect(awaited.length).toBeGreaterThan(10)
    expect(awaited.filter((name) => !known.includes(name))).toEqual([])
  })

  test('check the health of every service that keeps running', () => {
    const blind = installation.services.filter((one) => one.restarts && !one.hasHealthCheck)
    expect(blind.filter((one) => !serves(one)).map(({ name }) => name)).toEqual([])
  })

  test('mount only files that are in the repository', () => {
    const sources = installation.services
      .flatMap(({ volumes }) => volumes.map((volume) => volume.split(':')[0] ?? ''))
      .filter((source) => source.startsWith('./'))
    expect(sources.length).toBeGreaterThan(5)
    expect(sources.filter((source) => !existsSync(join(ROOT, source)))).toEqual([])
  })

  test('set only settings that the service knows, and production mode', () => {
    // Read by `auth migrate` alone.
    const known = ['MIGRATION_DATABASE_URL', ...ALL_SETTINGS.map(({ name }) => name)]
    const settings = installation.services.filter(runsTheService).map((one) => one.environment)
    const names = settings.flatMap((environment) => Object.keys(environment))
    expect(names.filter((name) => !known.includes(name.replace(/_FILE$/, '')))).toEqual([])
    const modes = installation.services.filter(serves).map((one) => one.environment['NODE_ENV'])
    expect(modes).toEqual(['production', 'production', 'production'])
  })

  test('pass on what an installation chooses for browsers, redirects, documents and providers', () => {
    for (const { environment } of installation.services.filter(serves))
      for (const name of [
        'CORS_ORIGINS',
        'OAUTH_REDIRECT_URIS',
        'DOCS',
        ...PROVIDERS.flatMap(settingsOf)
          .map((setting) => setting.name)
          .filter((each) => /_(?:ID|SECRET)$/.test(each)),
      ])
        expect([name, environment[name]]).toEqual([name, PASSED_ON])
  })

  test('give the service time for an orderly stop', async () => {
    const [, grace] = /stop_grace_period: (\d+)s/.exec(await readFrom('docker-compose.yml')) ?? []
    expect(Number(grace)).toBeGreaterThan(defaultOf('shutdownSeconds'))
  })
})

describe('a compose file', () => {
  const problemsOf = (service: string, rest = '') =>
    composeProblems(readComposeFile(`services:\n  a:\n    image: a:1\n    ${service}\n${rest}`))

  test.each([
    ['waits for nobody', 'depends_on: { b: { condition: service_started } }'],
    ['mounts a volume that is not declared', `volumes: ['b:/b']`],
    ['is on a network that is not declared', 'networks: [b]'],
    ['opens a port to all', `ports: ['80:80']`],
    ['opens a port twice', `ports: ['127.0.0.1:80:80', '127.0.0.1:80:81']`],
    ['holds a password', 'environment: { B_PASSWORD: b }'],
    ['holds a password in an address', `environment: { B: 'redis://b:b@c' }`],
  ])('that %s is noticed', (_what, service) => expect(problemsOf(service)).toHaveLength(1))

  test('without a version of an image or a use of a volume is noticed', () => {
    expect(problemsOf('command: []', 'volumes:\n  b:\n')).toEqual(['unused: b'])
    expect(composeProblems(readComposeFile('services:\n  a:\n    image: a\n'))).toEqual([
      'a: no version',
    ])
  })

  test('with an anchor that is not there is not read', () => {
    expect(() => readComposeFile('services:\n  a: *b\n')).toThrow()
  })
})

test.each([
  ['the service', dockerfile],
  ['the examples', forExamples],
])('the image of %s is built on the Bun of the project, by version', (_what, file) => {
  expect(file).toContain(`ARG BUN_IMAGE=oven/bun:${manifest.devDependencies.bun}-slim\n`)
  expect(file.match(/^FROM (?!\$\{(?:BUN|NODE)_IMAGE\}).*/gm)).toBeNull()
})

describe('the images of the examples', () => {
  const stages = forExamples.split(/^(?=FROM )/m).slice(1)
  const running = stages.filter((stage) => /^CMD /m.test(stage))

  test('run as an unprivileged user, and can be reached from outside their container', () => {
    expect(running).toHaveLength(2)
    for (const stage of running) {
      expect(stage).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m)
      expect(stage).toMatch(/^ENV .*\bHOST=0\.0\.0\.0\b/m)
    }
  })

  test('store their data where that user may write', async () => {
    const programs = await Promise.all(
      ['backend', 'social'].map((name) => readFrom(`examples/${name}/main.ts`)),
    )
    const kept = programs.flatMap((text) => text.match(/[A-Z_]+(?= = '\.data\/)/g) ?? [])
    expect(kept).toEqual(['DATA_DIR', 'CARDS_FILE'])
    const consumers = running.find((stage) => stage.includes('AS consumers')) ?? ''
    expect(consumers).toMatch(/--owner=1000 --group=1000 \/data$/m)
    for (const name of kept)
      expect(consumers).toMatch(new RegExp(`^(?:ENV|  ).*\\b${name}=/data/`, 'm'))
  })
})

describe('the image', () => {
  test('runs as an unprivileged user, has a health check, and is stopped by a signal that the service handles', () => {
    expect(dockerfile).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m)
    expect(dockerfile).toMatch(/^HEALTHCHECK .*\\\n {2}CMD \["bun", /m)
    expect(dockerfile).toMatch(/^STOPSIGNAL SIGTERM$/m)
  })
})
