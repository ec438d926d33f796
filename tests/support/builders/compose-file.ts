/** What the tests want to know about one service of a compose file. */
export type ComposeService = {
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

export type ComposeFile = {
  readonly services: readonly ComposeService[]
  readonly volumes: readonly string[]
  readonly networks: readonly string[]
}

type Table = Readonly<Record<string, unknown>>

/** Reads a compose file with its anchors and merges. Throws when an anchor is missing or it is no YAML. */
export const readComposeFile = (text: string): ComposeFile => {
  const file = table(Bun.YAML.parse(text))
  return {
    services: Object.entries(table(file['services'])).map(([name, one]) => read(name, table(one))),
    volumes: Object.keys(table(file['volumes'])),
    networks: ['default', ...Object.keys(table(file['networks']))],
  }
}

const read = (name: string, service: Table): ComposeService => ({
  name,
  image: String(service['image'] ?? ''),
  environment: mapped(service['environment'], String),
  dependsOn: mapped(service['depends_on'], (one) => String(table(one)['condition'])),
  ports: texts(service['ports']),
  volumes: texts(service['volumes']),
  networks: texts(service['networks']),
  hasHealthCheck: 'test' in table(service['healthcheck']),
  restarts: service['restart'] !== undefined,
})

/** Everything in the file that names what is not there, would let strangers in, or gives a secret away. */
export const composeProblems = ({ services, volumes, networks }: ComposeFile): string[] => {
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
