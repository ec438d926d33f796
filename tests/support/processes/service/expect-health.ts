import { expect } from 'bun:test'
import { send } from '../../builders/http/given-http.ts'
import { eventually } from '../timing/eventually.ts'
import type { Service } from './start-service.ts'

type Parts = Readonly<Partial<Record<'status' | 'db' | 'redis' | 'nats', string>>>

/** Within 10 seconds `/health` shows these parts; whoever is degraded still answers 200. */
export const expectHealth = ({ managementUrl: url }: Service, parts: Parts): Promise<void> =>
  eventually(`health ${JSON.stringify(parts)}`, 10, async () => {
    const { status, body } = await send({ url }, 'GET', '/health')
    expect(body).toMatchObject(parts)
    expect(status).toBe(parts.status === 'unhealthy' ? 503 : 200)
  })
