import { Type } from '@sinclair/typebox'
import { LedgerEntryShape } from '../events/ledger-entry.ts'
import type { Operations } from '../openapi/operation.ts'
import { cursorNamed, inPath, LIMIT } from '../openapi/parameters.ts'
import { pageOf } from '../representations.ts'
import { ReplayBody } from '../request-bodies.ts'

const DependencyState = Type.Union([Type.Literal('ok'), Type.Literal('unavailable')])
const Dependency = Type.Union([Type.Literal('db'), Type.Literal('redis'), Type.Literal('nats')])

export const HealthShape = Type.Object(
  {
    status: Type.Union([
      Type.Literal('healthy'),
      Type.Literal('degraded'),
      Type.Literal('unhealthy'),
    ]),
    db: DependencyState,
    redis: DependencyState,
    nats: DependencyState,
    embedded: Type.Array(Dependency, { description: 'Parts that run inside the service' }),
    version: Type.String(),
    uptimeSeconds: Type.Integer(),
  },
  { additionalProperties: false },
)

const Document = Type.Object({}, { additionalProperties: true })
const status = (name: string) =>
  Type.Object({ status: Type.Literal(name) }, { additionalProperties: false })
const NotModified = { description: 'The client has it already', headers: ['ETag'] } as const

export const SERVICE_OPERATIONS = {
  'GET /v1/admin/events': {
    tag: 'Administration',
    summary: 'Read committed changes of users, oldest first, with what became of each delivery',
    description: 'For administrators. Changes are kept for 14 days.',
    caller: 'required',
    parameters: [
      LIMIT,
      cursorNamed('after'),
      {
        in: 'query',
        name: 'userId',
        description: 'Only changes of this user',
        schema: Type.String({ format: 'uuid' }),
      },
    ],
    answers: { 200: { description: 'One page', schema: pageOf(LedgerEntryShape) } },
    problems: ['forbidden', 'invalid-request'],
  },
  'POST /v1/admin/events/replay': {
    tag: 'Administration',
    summary: 'Have committed changes delivered again',
    description: [
      'For administrators. Takes changes of the last 14 days, in version order for each user and before changes that',
      'wait, under message ids of their own. What waits already is left as it is; what was set aside is tried anew.',
    ].join(' '),
    caller: 'required',
    body: ReplayBody,
    answers: {
      202: {
        description: 'How many changes wait to be delivered again',
        schema: Type.Object({ replayed: Type.Integer() }, { additionalProperties: false }),
      },
    },
    problems: ['forbidden'],
  },
  'GET /health': {
    tag: 'Service',
    summary: 'Say how the service and what it depends on are',
    answers: {
      200: { description: 'Healthy or degraded', schema: HealthShape },
      503: { description: 'The database is unavailable', schema: HealthShape },
    },
  },
  'GET /health/live': {
    tag: 'Service',
    summary: 'Answer as long as the service works at all',
    answers: { 200: { description: 'It does', schema: status('live') } },
  },
  'GET /health/ready': {
    tag: 'Service',
    summary: 'Say whether requests should be sent here',
    description: 'Not while the service is starting, stopping, or without its database.',
    answers: { 200: { description: 'They should', schema: status('ready') } },
  },
  'GET /.well-known/jwks.json': {
    tag: 'Service',
    summary: 'Give the public keys that access tokens are verified with',
    answers: {
      200: {
        description: 'A JWK set (RFC 7517)',
        schema: Type.Object({ keys: Type.Array(Document) }, { additionalProperties: false }),
        mediaType: 'application/jwk-set+json',
        headers: ['ETag'],
      },
      304: NotModified,
    },
  },
  'GET /.well-known/oauth-authorization-server': {
    tag: 'Service',
    summary: 'Tell resource servers who issues tokens and where the keys are',
    answers: {
      200: { description: 'Metadata (RFC 8414)', schema: Document, headers: ['ETag'] },
      304: NotModified,
    },
  },
  'GET /schemas/user-events/v1.json': {
    tag: 'Service',
    summary: 'Give the JSON Schema of version 1 of the user events',
    answers: {
      200: {
        description: 'A JSON Schema',
        schema: Document,
        mediaType: 'application/schema+json',
        headers: ['ETag'],
      },
      304: NotModified,
    },
  },
  'GET /schemas/user-events/v2.json': {
    tag: 'Service',
    summary: 'Give the JSON Schema of version 2 of the user events',
    answers: {
      200: {
        description: 'A JSON Schema',
        schema: Document,
        mediaType: 'application/schema+json',
        headers: ['ETag'],
      },
      304: NotModified,
    },
  },
  'GET /problems/:code': {
    tag: 'Service',
    summary: 'Explain a problem code to people',
    parameters: [inPath('code', 'A problem code')],
    answers: {
      200: {
        description: 'A page',
        schema: Type.String(),
        mediaType: 'text/html; charset=utf-8',
        headers: ['ETag'],
      },
      304: NotModified,
    },
    problems: ['not-found'],
  },
  'GET /openapi.json': {
    tag: 'Service',
    summary: 'Give this document',
    description: 'In production only when DOCS is true.',
    answers: {
      200: { description: 'An OpenAPI 3.1 document', schema: Document, headers: ['ETag'] },
      304: NotModified,
    },
  },
} as const satisfies Operations
