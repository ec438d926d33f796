import type { ICruiseOptions, IRegularForbiddenRuleType } from 'dependency-cruiser'

// The dependency law of ARCHITECTURE.md. Each rule has a planted violation in tests/architecture.
// Type-only imports count (`tsPreCompilationDeps`): what a file names, it knows.

type Rule = Omit<IRegularForbiddenRuleType, 'name'> & { readonly name: string }

const forbid = (name: string, comment: string, from: Rule['from'], to: Rule['to']): Rule => ({
  name,
  severity: 'error',
  comment,
  from,
  to,
})

const inOrder = [
  forbid(
    'domain-knows-itself-only',
    'The domain imports nothing outside itself: no package, no runtime module.',
    { path: '^src/domain/' },
    { pathNot: '^src/domain/' },
  ),
  forbid(
    'ports-know-the-domain',
    'A port speaks the language of the domain and of nothing else.',
    { path: '^src/ports/' },
    { pathNot: '^src/(domain|ports)/' },
  ),
  forbid(
    'driving-ports-know-no-driven-ones',
    'What may be asked does not depend on what is needed for it; a type that both speak belongs to the domain.',
    { path: '^src/ports/driving/' },
    { path: '^src/ports/driven/' },
  ),
  forbid(
    'driven-ports-know-no-driving-ones',
    'What is needed does not depend on who asks.',
    { path: '^src/ports/driven/' },
    { path: '^src/ports/driving/' },
  ),
  forbid(
    'application-knows-domain-and-ports',
    'A use case reaches the outside through ports only.',
    { path: '^src/application/' },
    { pathNot: '^src/(domain|ports|application)/' },
  ),
  forbid(
    'adapters-know-domain-and-ports',
    'An adapter implements a port; it does not know who uses it.',
    { path: '^src/adapters/' },
    { path: '^src/', pathNot: '^src/(domain|ports|adapters)/' },
  ),
  forbid(
    'adapters-never-meet',
    'Two technologies are joined by ports, in src/main, and nowhere else.',
    { path: '^src/adapters/([^/]+)/' },
    { path: '^src/adapters/', pathNot: '^src/adapters/$1/' },
  ),
  forbid(
    'nobody-imports-main',
    'The composition root knows everybody and is known by nobody.',
    { path: '^(src|packages)/', pathNot: '^src/main/' },
    { path: '^src/main/' },
  ),
  forbid(
    'user-events-stands-alone',
    'Other teams install this package: nothing of the service may be in it.',
    { path: '^packages/user-events/' },
    { path: '^(src|tests|scripts|bench|examples)/' },
  ),
  forbid(
    'production-code-ships-alone',
    'What runs in production needs no test, script or example; the demo of development is asked for by one entry alone.',
    { path: '^src/', pathNot: '^src/main/lifecycle/demo\\.ts$' },
    { path: '^(tests|scripts|bench|examples)/' },
  ),
]

const aboutTheDemo = [
  forbid(
    'the-demo-is-asked-for-by-bun-alone',
    'What is built for production does not contain it; others may know what it looks like.',
    { path: '^(src|packages)/', pathNot: '^src/main/bun\\.ts$' },
    { path: '^src/main/lifecycle/demo\\.ts$', dependencyTypesNot: ['type-only'] },
  ),
]

const atHome = (folder: string, packages: readonly string[], also = folder): Rule =>
  forbid(
    `${folder}-packages-stay-there`,
    `What ${folder} is made with can be exchanged there; src/main may know it too.`,
    { path: '^src/', pathNot: `^src/(adapters/(${folder}|${also})|main)/` },
    { path: `node_modules/(${packages.join('|')})/` },
  )

const aboutPackages = [
  atHome('http', ['elysia', '@elysiajs/openapi', 'swagger-ui-dist']),
  atHome('http-and-redis', ['@sinclair/typebox'], 'http|redis'),
  atHome('cli', ['commander', '@commander-js/extra-typings']),
  atHome('crypto', ['@elysiajs/jwt', '@node-rs/argon2']),
  atHome('crypto-and-oauth', ['jose'], 'crypto|oauth'),
  atHome('oauth', ['oauth4webapi']),
  atHome('postgres', ['drizzle-orm', 'postgres', '@electric-sql/pglite']),
  atHome('redis', ['ioredis']),
  atHome('telemetry', ['pino', 'prom-client']),
]

const aboutRuntimes = [
  forbid(
    'bun-in-its-entry-only',
    'Everything but one entry file runs on Bun, Deno and Node.',
    { path: '^(src|packages)/', pathNot: '^src/main/bun\\.ts$' },
    { path: '^bun(:|$)' },
  ),
  forbid(
    'no-development-packages',
    'An installation without development dependencies must start; the test kit runs in tests, which bring Pact.',
    {
      path: '^(src|packages)/',
      pathNot: '^(src/main/bun\\.ts$|packages/user-events/src/pact)',
    },
    { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  ),
]

const aboutShape = [
  forbid(
    'shared-uses-no-room',
    'What three rooms use must not lead to one of them.',
    { path: '^src/(domain|application|ports/[^/]+|adapters/[^/]+)/shared/' },
    { path: '^src/$1/', pathNot: '^src/$1/shared/' },
  ),
  forbid(
    'no-cycles',
    'Of two files that need each other, neither can be read alone.',
    {},
    {
      circular: true,
    },
  ),
  forbid(
    'everything-resolves',
    'An import that leads nowhere hides the rest from this law.',
    {},
    {
      couldNotResolve: true,
      // The second is how a file asks for the types of Node.
      pathNot: '^(bun(:|$)|node$)',
    },
  ),
]

const options: ICruiseOptions = {
  tsPreCompilationDeps: true,
  doNotFollow: { path: 'node_modules' },
  exclude: { path: '^packages/[^/]+/dist/' },
  enhancedResolveOptions: {
    extensions: ['.ts', '.js', '.mjs', '.json'],
    exportsFields: ['exports'],
    conditionNames: ['bun', 'deno', 'node', 'import', 'default', 'types'],
  },
}

export default {
  forbidden: [...inOrder, ...aboutTheDemo, ...aboutPackages, ...aboutRuntimes, ...aboutShape],
  options,
}
