import type { ConnectionOptions } from 'nats'
import { connect } from 'nats'
import { atTheEnd } from '../../processes/test-run/at-the-end.ts'
import { findServerSources } from '../provide/find-server-sources.ts'
import { provided } from '../provide/provide-servers.ts'
import type { Server } from '../provide/server.ts'
import { claimAccount, connectionOf } from './nats-accounts.ts'
import { startNats } from './start-nats.ts'
import type { NatsCluster } from './start-nats-cluster.ts'
import { startNatsCluster } from './start-nats-cluster.ts'

export type GivenNats = {
  readonly url: string
  /** For `connect` of the client. */
  readonly connection: ConnectionOptions
  /** For a service: NATS_URL, and NATS_USER and NATS_PASSWORD where there are any. */
  readonly environment: Readonly<Record<string, string>>
}

/**
 * The NATS of this run, with an account that has no streams yet and is this file's alone: names of streams and
 * subjects need no suffix. On a given server without accounts a second call empties what the first one had.
 */
export const givenNats = async (): Promise<GivenNats> => {
  const { TEST_NATS_URL: url = '' } = await provided('NATS')
  const { login, release } = await claimAccount(url)
  atTheEnd(release)
  const environment = {
    NATS_URL: url,
    ...(login.user === undefined ? {} : { NATS_USER: login.user }),
    ...(login.pass === undefined ? {} : { NATS_PASSWORD: login.pass }),
  }
  return { url, connection: connectionOf(url, login), environment }
}

/**
 * A server of its own, which a test may kill and freeze; `config` adds to its configuration, accounts for instance, and
 * may name `files`.
 */
export const givenNatsServer = async (
  config = '',
  files: Readonly<Record<string, string>> = {},
): Promise<Server> => {
  const [{ source }] = await findServerSources('NATS')
  return startNats(source, config, files)
}

/** Three servers of its own. */
export const givenNatsCluster = async (): Promise<NatsCluster> => {
  const [{ source }] = await findServerSources('NATS')
  return startNatsCluster(source)
}

/** Freezes a NATS server as soon as it has passed on so many messages on `user.events` from now on. */
export const freezeAfter = async (nats: Server, messages: number): Promise<void> => {
  const listener = await connect({ servers: new URL(nats.url).host })
  for await (const _ of listener.subscribe('user.events', { max: messages }));
  await nats.freeze()
  // A farewell would wait for an answer.
  void listener.close()
}
